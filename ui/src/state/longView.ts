/** The year of days and the hours of a week as grids. Dates are Unix seconds. */
import type { DayOfYear, PartOfTime, UptimeWindow } from "../wire/wire";
import { coverRemark } from "./cover";
import type { Figure } from "./figures";
import { day, percent, seconds } from "./format";
import { DAY, MONTHS } from "./history";
import type { Span } from "./spans";
import type { BarScale, SpreadBar } from "./spread";
import type { Tone } from "./statusStyle";
import { zone } from "./zone.svelte";

/** The classes of uptime, which are also CSS classes: all, nearly all, most, and less. */
export type Share = "all" | "nearly" | "most" | "less" | "none";

/** The classes with what they are called in a legend. */
export const SHARES: readonly { share: Share; label: string }[] = [
  { share: "all", label: "100%" },
  { share: "nearly", label: "from 99%" },
  { share: "most", label: "from 90%" },
  { share: "less", label: "less" },
  { share: "none", label: "nothing known" },
];

/** What the hours of the week and the months show. */
export type Measure = "uptime" | "duration";

/** The class of an uptime. A day with a single short outage is no longer whole. */
export function shareOf(uptime: number | null): Share {
  if (uptime === null) return "none";
  if (uptime >= 1) return "all";
  if (uptime >= 0.99) return "nearly";
  return uptime >= 0.9 ? "most" : "less";
}

export const WEEKDAYS: readonly string[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The rows of a year that have a name: as many as have room beside small squares. */
export const NAMED_DAYS: readonly (readonly [number, string])[] = [
  [0, "Mon"],
  [3, "Thu"],
  [6, "Sun"],
];

/** How dark each value is in percent, from the shortest of them to the longest; 0 for none. */
export function shadeOf(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const share = (value: number): number => (most > least ? (value - least) / (most - least) : 0.5);
  return values.map((value) => (value === null ? 0 : Math.round(10 + 85 * share(value))));
}

/** What bars of such uptimes begin at, so that small differences can be seen. */
export function floorOf(uptimes: readonly (number | null)[]): number {
  const least = Math.min(1, ...uptimes.filter((uptime) => uptime !== null));
  return [0.999, 0.99, 0.95, 0.9, 0.5].find((floor) => floor < least) ?? 0;
}

/** A square of the year: a day. */
export interface DaySquare {
  /** The date such as `2026-11-22`. */
  date: string;
  /** The beginning of the day. */
  from: number;
  /** The beginning of the next day: 23 to 25 hours later. */
  to: number;
  uptime: number | null;
  known: number;
  /** The column, a week from Monday on, counted from 0. */
  week: number;
  /** 0 for Monday to 6. */
  weekday: number;
}

/** The squares of the year that ends with the day of `now`, in the chosen zone, oldest first. */
export function yearOf(days: readonly DayOfYear[], now: number): DaySquare[] {
  const known = new Map(days.map((one) => [day(one.from + 1), one]));
  const { year, month, date } = zone.parts(now);
  const squares: DaySquare[] = [];
  const lead = zone.parts(zone.midnight(year, month, date - 364)).weekday;
  for (let index = 0; index < 365; index += 1) {
    // By the calendar, because not every day has 24 hours.
    const from = zone.midnight(year, month, date - 364 + index);
    const text = day(from);
    const one = known.get(text);
    squares.push({
      date: text,
      from,
      to: zone.midnight(year, month, date - 363 + index),
      uptime: one?.uptime ?? null,
      known: one?.known ?? 0,
      week: Math.floor((index + lead) / 7),
      weekday: (index + lead) % 7,
    });
  }
  return squares;
}

/** The weeks in which a month begins. */
export function monthStarts(squares: readonly DaySquare[]): { week: number; label: string }[] {
  const first = squares.filter(({ date }) => date.endsWith("-01"));
  return first.map(({ date, week }) => ({
    week,
    label: MONTHS[Number(date.slice(5, 7)) - 1] ?? "",
  }));
}

const TONES: Readonly<Record<string, Tone>> = { all: "up", nearly: "up", most: "partly" };

/** The months of a year as bars, and what the bars begin at. */
export function monthBars(
  months: readonly PartOfTime[],
  what: Measure,
): { bars: SpreadBar[]; remark: string; scale: BarScale } {
  const floor = floorOf(months.map(({ uptime }) => uptime));
  const longest = Math.max(0, ...months.map(({ duration }) => duration ?? 0));
  const bars = months.map(({ uptime, duration }, at): SpreadBar => {
    const name = MONTHS[at] ?? "";
    // Twelve names run together where the chart has half of a window.
    const label = at % 2 === 0 ? name : "";
    if ((what === "uptime" ? uptime : duration) === null) {
      return { height: 0, text: `${name}: nothing known`, label };
    }
    return what === "uptime"
      ? {
          height: ((uptime ?? 0) - floor) / (1 - floor),
          text: `${name}: ${percent(uptime)} up`,
          label,
          tone: TONES[shareOf(uptime)] ?? "down",
        }
      : {
          height: longest > 0 ? (duration ?? 0) / longest : 0,
          text: `${name}: ${seconds(duration) || "0.1 ms"} on average`,
          label,
        };
  });
  return {
    bars,
    remark: what === "uptime" ? `Bars begin at ${percent(floor)}.` : "Bars begin at 0.",
    scale:
      what === "uptime"
        ? { top: "100%", bottom: percent(floor) }
        : { top: seconds(longest) || "0.1 ms", bottom: "0" },
  };
}

/** The day nearest to a span of which something is known; `null` without any. */
export function nearestDay(days: readonly DayOfYear[], { from, to }: Span): Span | null {
  const away = (day: DayOfYear): number => Math.max(0, from - day.from - DAY, day.from - to);
  const [first] = days.filter(({ known }) => known > 0).sort((a, b) => away(a) - away(b));
  return first === undefined ? null : { from: first.from, to: first.from + DAY };
}

/** The label of a window such as `24 h` or `90 d`. */
export function windowLabel(seconds: number): string {
  return seconds <= 86_400 ? "24 h" : `${Math.round(seconds / 86_400)} d`;
}

/** A window adds nothing to a shorter one if so many seconds more of it are known at most. */
const SAME = 1;

/**
 * The uptime of each window, the shortest first. The windows that reach further back than the history
 * are one figure without an uptime: theirs would repeat that of a shorter one, and be taken for more.
 */
export function windowFigures(windows: readonly UptimeWindow[]): Figure[] {
  const all = [...windows].sort((a, b) => a.seconds - b.seconds);
  const adds = all.map(({ known }, at) => known > (all[at - 1]?.known ?? -Infinity) + SAME);
  const end = adds.lastIndexOf(true) + 1;
  const figures = all.slice(0, end).map(({ seconds, uptime, watched }): Figure => {
    const remark = uptime === null ? "not watched" : coverRemark(watched, seconds);
    return { label: windowLabel(seconds), value: percent(uptime), remark };
  });
  const [first, last] = [all[end], all.at(-1)];
  if (first === undefined || last === undefined) return figures;
  const ends = new Set([first, last].map(({ seconds }) => windowLabel(seconds)));
  return [...figures, { label: [...ends].join(" to "), value: "—", remark: "nothing older" }];
}
