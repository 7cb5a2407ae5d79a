/** The year of days and the hours of a week as grids. Dates are Unix seconds. */
import type { DayOfYear } from "../wire/wire";
import { day } from "./format";

/** The classes of uptime, which are also CSS classes: all, nearly all, most, and less. */
export type Share = "all" | "nearly" | "most" | "less" | "none";

/** The class of an uptime. A day with a single short outage is no longer whole. */
export function shareOf(uptime: number | null): Share {
  if (uptime === null) return "none";
  if (uptime >= 1) return "all";
  if (uptime >= 0.99) return "nearly";
  return uptime >= 0.9 ? "most" : "less";
}

/** A square of the year: a day. */
export interface DaySquare {
  /** The date such as `2026-11-22`. */
  date: string;
  /** The beginning of the day. */
  from: number;
  uptime: number | null;
  known: number;
  /** The column, a week from Monday on, counted from 0. */
  week: number;
  /** 0 for Monday to 6. */
  weekday: number;
}

/** The squares of the year that ends with the day of `now`, in local time, oldest first. */
export function yearOf(days: readonly DayOfYear[], now: number): DaySquare[] {
  const known = new Map(days.map((one) => [day(one.from + 1), one]));
  const at = new Date(now * 1000);
  const squares: DaySquare[] = [];
  const first = new Date(at.getFullYear(), at.getMonth(), at.getDate() - 364);
  const lead = (first.getDay() + 6) % 7;
  for (let index = 0; index < 365; index += 1) {
    // By the calendar, because not every day has 24 hours.
    const date = new Date(first.getFullYear(), first.getMonth(), first.getDate() + index);
    const from = date.getTime() / 1000;
    const text = day(from);
    const one = known.get(text);
    squares.push({
      date: text,
      from,
      uptime: one?.uptime ?? null,
      known: one?.known ?? 0,
      week: Math.floor((index + lead) / 7),
      weekday: (index + lead) % 7,
    });
  }
  return squares;
}

/** The label of a window such as `24 h` or `90 d`. */
export function windowLabel(seconds: number): string {
  return seconds <= 86_400 ? "24 h" : `${Math.round(seconds / 86_400)} d`;
}
