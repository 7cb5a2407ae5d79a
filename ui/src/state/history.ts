/** The history as it is drawn: steps, gaps and figures. Dates are Unix seconds. */
import type { HistoryView } from "../wire/wire";
import { zone } from "./zone.svelte";

/** A span that the history can be shown for. */
export interface Range {
  key: string;
  label: string;
  seconds: number;
}

export const RANGES: readonly Range[] = [
  { key: "1h", label: "1 h", seconds: 3_600 },
  { key: "6h", label: "6 h", seconds: 21_600 },
  { key: "24h", label: "24 h", seconds: 86_400 },
  { key: "7d", label: "7 d", seconds: 604_800 },
  { key: "30d", label: "30 d", seconds: 2_592_000 },
  { key: "90d", label: "90 d", seconds: 7_776_000 },
  { key: "1y", label: "1 y", seconds: 31_536_000 },
];

/** The default spans: at most a day, of which the history should fill a third. */
const DEFAULT_RANGES: readonly Range[] = RANGES.slice(0, 3);

/** The longest of the default spans in seconds. */
export const DAY = DEFAULT_RANGES[2]?.seconds ?? 86_400;

/**
 * The default span for a history that is `age` seconds old, so that it does not shrink to a sliver
 * at the edge. `null` stands for a history without samples.
 */
export function rangeFor(age: number | null): Range | undefined {
  const filled = DEFAULT_RANGES.filter(({ seconds }) => age !== null && age >= seconds / 3);
  return filled.at(-1) ?? DEFAULT_RANGES[0];
}

/** A period in which the status stayed the same. */
export interface Step {
  from: number;
  to: number;
  /** From 0 to 1; `null` for unknown. */
  status: number | null;
  samples: number;
}

type Columns = Pick<HistoryView, "dates" | "statuses" | "durations" | "gap" | "to">;

/** The usual distance of samples in seconds: the median without gaps. */
export function spacingOf(dates: readonly number[], gap: number): number {
  const apart: number[] = [];
  for (let at = 1; at < dates.length; at += 1) {
    const between = (dates[at] ?? 0) - (dates[at - 1] ?? 0);
    if (between > 0 && between <= gap) apart.push(between);
  }
  apart.sort((a, b) => a - b);
  return apart[apart.length >> 1] ?? Math.min(gap, 60);
}

/** How long a sample stands before a gap in seconds: as long as in the uptime beside the chart. */
const STANDS = 300;

/**
 * The steps. The status of a sample lasts until the next sample. Before a gap, and at the end, it
 * lasts as long as in the uptime, so that the chart and the figure claim the same.
 */
export function stepsOf(view: Columns): Step[] {
  const { dates, statuses, gap } = view;
  const steps: Step[] = [];
  for (let at = 0; at < dates.length; at += 1) {
    const [date, next] = [dates[at] ?? 0, dates[at + 1]];
    const open = next === undefined || next - date > gap;
    const to = open ? Math.max(date, Math.min(date + STANDS, next ?? view.to)) : next;
    const status = statuses[at] ?? null;
    const last = steps.at(-1);
    if (last?.to === date && last.status === status) {
      last.to = to;
      last.samples += 1;
    } else {
      steps.push({ from: date, to, status, samples: 1 });
    }
  }
  return steps;
}

/** The index of the sample nearest to a date; `null` where there were no checks. */
export function nearest(dates: readonly number[], date: number, gap: number): number | null {
  let [low, high] = [0, dates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dates[middle] ?? 0) < date) low = middle + 1;
    else high = middle;
  }
  const far = (at: number): number => Math.abs((dates[at] ?? Infinity) - date);
  const best = low > 0 && far(low - 1) <= far(low) ? low - 1 : low;
  return far(best) <= gap ? best : null;
}

/** How far above the 99th percentile the longest duration may lie and still set the scale. */
const BULK = 3;
/** The part of the scale above the 99th percentile when longer durations are only marked. */
const HEADROOM = 1.5;

/**
 * The top of the scale of durations in seconds. A few durations far above all others, such as
 * timeouts, do not flatten the rest: the scale then follows the 99th percentile.
 */
export function ceilingOf(longest: number, p99: number | null): number {
  const follows = p99 !== null && p99 > 0 && longest > p99 * BULK;
  return follows ? p99 * HEADROOM : Math.max(longest * 1.08, 0.001);
}

/** With fewer samples than this, each new one changes the picture. */
const FEW = 20;
/** The pause after which even what seems not to have changed is asked for again, in seconds. */
const AT_LEAST_EVERY = 30;

/**
 * The pause in seconds between two refreshes of a span of this length: about the time of one pixel.
 * While there are few samples or none, as after the first start, a new one is shown at once. `isNew`: the
 * source was checked since the last refresh.
 */
export function pauseUntilDue(seconds: number, samples: number, isNew: boolean): number {
  // A sample reaches the history a second after it was taken.
  if (samples < FEW) return samples === 0 || isNew ? 1 : 5;
  const pause = Math.min(300, Math.max(5, seconds / 1500));
  return isNew ? pause : Math.max(AT_LEAST_EVERY, pause);
}

export const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * A label of the time axis such as `14:30` or `22 Nov`. Its marks are `apart` seconds from each
 * other.
 */
export function axisLabel(date: number, apart: number): string {
  const { month, date: at, hours, minutes } = zone.parts(date);
  if (apart >= 86_400 || (hours === 0 && minutes === 0)) return `${at} ${MONTHS[month] ?? ""}`;
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}
