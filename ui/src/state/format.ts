/** Formats numbers and dates for the panel. The current time is an argument and never read here. */
import { zone } from "./zone.svelte";

/**
 * A duration such as `0.42 ms`, `120 ms`, `1.24 s` or `2 min 5 s`: three significant digits, two
 * below 1 ms. Empty up to 0.1 ms, which is noise.
 */
export function seconds(value: number | null): string {
  if (value === null || !Number.isFinite(value) || value <= 0.0001) return "";
  const ms = value * 1000;
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toPrecision(3)} ms`;
  if (value < 99.95) return `${value.toPrecision(3)} s`;
  return span(value);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** A period such as `45 s`, `12 min`, `2 h 5 min` or `4 d 3 h`. */
export function span(value: number): string {
  const whole = Math.max(0, Math.round(value));
  for (const [index, [size, unit]] of UNITS.entries()) {
    if (whole < size) continue;
    const next = UNITS[index + 1];
    const rest = next === undefined ? 0 : Math.floor((whole % size) / next[0]);
    const big = `${Math.floor(whole / size)} ${unit}`;
    return rest === 0 || next === undefined ? big : `${big} ${rest} ${next[1]}`;
  }
  return "0 s";
}

/**
 * A period in its largest unit only, such as `45 s` or `12 min`, for places that change every
 * second.
 */
export function shortSpan(value: number): string {
  const whole = Math.max(0, Math.floor(value));
  const [size, unit] = UNITS.find(([size]) => whole >= size) ?? [1, "s"];
  return `${Math.floor(whole / size)} ${unit}`;
}

/**
 * An age such as `now`, `12 s ago` or `2 min ago`. A date in the near future means that clocks
 * differ, and gives `now`.
 */
export function age(date: number | null, now: number): string {
  if (date === null) return "never";
  const past = now - date;
  return past < 2 ? "now" : `${shortSpan(past)} ago`;
}

/**
 * A percentage such as `99.98%`, with at most two decimals. Only 1 gives 100%, and only 0 gives 0%.
 */
export function percent(status: number | null): string {
  if (status === null) return "—";
  let hundredths = Math.round(status * 10_000);
  if (status > 0 && status < 1) hundredths = Math.min(9_999, Math.max(1, hundredths));
  return `${hundredths / 100}%`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A time such as `13:04:05`, in the chosen zone. */
export function clock(date: number): string {
  const at = zone.parts(date);
  return `${two(at.hours)}:${two(at.minutes)}:${two(at.seconds)}`;
}

/** A date such as `2026-11-22`, in the chosen zone. */
export function day(date: number): string {
  const at = zone.parts(date);
  return `${at.year}-${two(at.month + 1)}-${two(at.date)}`;
}

/**
 * A moment such as `2026-11-22 13:04:05`, in the chosen zone. Only the time if it is on the same day as
 * `now`.
 */
export function moment(date: number, now: number): string {
  return day(date) === day(now) ? clock(date) : `${day(date)} ${clock(date)}`;
}

/** A span for a file or a picture, with its zone: `2026-11-22 13:04:05 – 2026-11-23 13:04:05, UTC`. */
export function period({ from, to }: { from: number; to: number }): string {
  return `${day(from)} ${clock(from)} – ${day(to)} ${clock(to)}, ${zone.name}`;
}

/** A count such as `1 source`, `2 sources` or `10,000 sources`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${thousands(number)} ${number === 1 ? one : many}`;
}

/** A number such as `10,000`. */
export function thousands(number: number): string {
  return number.toLocaleString("en-US");
}
