/** A time that a person writes, such as `14:30`, `2026-11-22` or `2026-11-22 14:30:05`. */
import { zone } from "./zone.svelte";

const WHEN =
  /^(?:(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2}))?(?:[ T]?(?<hours>\d{1,2}):(?<minutes>\d{2})(?::(?<seconds>\d{2}))?)?$/;

/**
 * The time in Unix seconds by the clocks of the chosen zone; `null` if the text is no time. A time of
 * day alone is the last one: of today, or of yesterday if it is still to come today.
 */
export function whenOf(text: string, now: number): number | null {
  const found = WHEN.exec(text.trim())?.groups;
  if (found === undefined || text.trim() === "") return null;
  const number = (name: string): number => Number(found[name] ?? 0);
  const [hours, minutes, seconds] = [number("hours"), number("minutes"), number("seconds")];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const today = zone.parts(now);
  const dated = found.year !== undefined;
  const [year, month, day] = dated
    ? [number("year"), number("month") - 1, number("day")]
    : [today.year, today.month, today.date];
  const at = zone.at(year, month, day, hours, minutes, seconds);
  const parts = zone.parts(zone.midnight(year, month, day));
  // The 31st of a month that has none would be another day.
  if (parts.month !== month || parts.date !== day) return null;
  return dated || at <= now ? at : zone.at(year, month, day - 1, hours, minutes, seconds);
}

const two = (number: number): string => String(number).padStart(2, "0");

/** A time in Unix seconds as `2026-11-22 14:30:05`, by the clocks of the chosen zone. */
export function writtenOf(time: number): string {
  const { year, month, date, hours, minutes, seconds } = zone.parts(time);
  const day = `${year}-${two(month + 1)}-${two(date)}`;
  return `${day} ${two(hours)}:${two(minutes)}:${two(seconds)}`;
}
