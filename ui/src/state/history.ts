/** A history as it is drawn: steps, gaps, figures. Dates are Unix seconds. */
import type { HistoryView, Note } from "../wire/wire";
import { isOutage, levelOf } from "./status";

/** What a span is asked for with. */
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
];

/** What is looked at when nobody has chosen: a day, once there is enough of one to fill a third. */
const USUAL: readonly Range[] = RANGES.slice(0, 3);

/** The longest of the usual spans. */
export const DAY = USUAL[2]?.seconds ?? 86_400;

/**
 * The span for a history that is so old, in seconds: a young one in a long span would be a sliver
 * at the edge. `null` for one that has no samples yet.
 */
export function rangeFor(age: number | null): Range | undefined {
  const filled = USUAL.filter(({ seconds }) => age !== null && age >= seconds / 3);
  return filled.at(-1) ?? USUAL[0];
}

/** A time in which the status stayed the same. */
export interface Step {
  from: number;
  to: number;
  /** `null` for unknown. */
  status: number | null;
  samples: number;
}

type Columns = Pick<HistoryView, "dates" | "statuses" | "durations" | "gap" | "to">;

/** How far apart samples usually are: the median of what is no gap. */
export function spacingOf(dates: readonly number[], gap: number): number {
  const apart: number[] = [];
  for (let at = 1; at < dates.length; at += 1) {
    const between = (dates[at] ?? 0) - (dates[at - 1] ?? 0);
    if (between > 0 && between <= gap) apart.push(between);
  }
  apart.sort((a, b) => a - b);
  return apart[apart.length >> 1] ?? Math.min(gap, 60);
}

/**
 * The steps: a sample holds until the next one. Before a gap, and at the end, it holds for as long
 * as samples are usually apart, so that nothing is claimed of a time when nobody looked.
 */
export function stepsOf(view: Columns): Step[] {
  const { dates, statuses, gap } = view;
  const spacing = spacingOf(dates, gap);
  const steps: Step[] = [];
  for (let at = 0; at < dates.length; at += 1) {
    const [date, next] = [dates[at] ?? 0, dates[at + 1]];
    const open = next === undefined || next - date > gap;
    const to = open ? Math.max(date, Math.min(date + spacing, next ?? view.to)) : next;
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

/** A time at one level, or in which nobody looked. */
export interface Run {
  from: number;
  to: number;
  level: number | null;
  /** Mean status, weighted by samples; `null` for unknown and for gaps. */
  mean: number | null;
  samples: number;
}

/** The steps joined by level, with the gaps between them as runs without samples. */
export function runsOf(steps: readonly Step[]): Run[] {
  const runs: Run[] = [];
  for (const step of steps) {
    const level = levelOf(step.status);
    const last = runs.at(-1);
    const apart = last === undefined ? 0 : step.from - last.to;
    if (last !== undefined && apart <= 0 && last.level === level && last.samples > 0) {
      const samples = last.samples + step.samples;
      if (last.mean !== null && step.status !== null) {
        last.mean = (last.mean * last.samples + step.status * step.samples) / samples;
      }
      last.samples = samples;
      last.to = step.to;
      continue;
    }
    if (last !== undefined && apart > 0) {
      runs.push({ from: last.to, to: step.from, level: null, mean: null, samples: 0 });
    }
    runs.push({ from: step.from, to: step.to, level, mean: step.status, samples: step.samples });
  }
  return runs;
}

/** The durations as they are drawn: dates, means, and the least and most of each. */
export interface Durations {
  dates: number[];
  mean: (number | null)[];
  least: (number | null)[];
  most: (number | null)[];
}

/**
 * The durations between two dates, at most one a slice of time, so that a long span is a line with
 * a band round it and no hedge. A row of nothing ends the line where there is a gap.
 */
export function durationsOf(view: Columns, from: number, to: number, slices: number): Durations {
  const { dates, durations, gap } = view;
  const spacing = spacingOf(dates, gap);
  const slice = Math.max((to - from) / Math.max(1, slices), Number.EPSILON);
  const out: Durations = { dates: [], mean: [], least: [], most: [] };
  const push = (
    date: number,
    mean: number | null,
    least: number | null,
    most: number | null,
  ): void => {
    out.dates.push(date);
    out.mean.push(mean);
    out.least.push(least);
    out.most.push(most);
  };
  let at = 0;
  while (at < dates.length) {
    const begin = dates[at] ?? 0;
    const end = from + (Math.floor((begin - from) / slice) + 1) * slice;
    let [sum, samples, least, most, last] = [0, 0, Infinity, -Infinity, begin];
    while (at < dates.length) {
      const [date, duration] = [dates[at] ?? 0, durations[at] ?? 0];
      if (date >= end || date - last > gap) break;
      [sum, samples, last] = [sum + duration, samples + 1, date];
      [least, most] = [Math.min(least, duration), Math.max(most, duration)];
      at += 1;
    }
    push((begin + last) / 2, sum / samples, least, most);
    const next = dates[at];
    if (next !== undefined && next - last > gap) {
      push(Math.min(last + spacing, (last + next) / 2), null, null, null);
    }
  }
  return out;
}

/** The sample nearest to a date; `null` where nobody looked. */
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

/** A share of sorted values: 0.5 is the median. Nearest rank. */
export function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export interface Figures {
  /** Seconds. */
  median: number | null;
  p95: number | null;
  /** Runs at level 0 or 1, those that only a gap divides counted once. */
  outages: number;
  /** The longest of them, seconds. */
  longest: number;
}

export function figuresOf(view: Pick<HistoryView, "durations">, runs: readonly Run[]): Figures {
  const sorted = view.durations.filter((duration) => duration > 0).sort((a, b) => a - b);
  let [outages, longest] = [0, 0];
  let begun: number | null = null;
  for (const run of runs) {
    if (isOutage(run.level)) {
      if (begun === null) [begun, outages] = [run.from, outages + 1];
      longest = Math.max(longest, run.to - begun);
    } else if (run.samples > 0) {
      begun = null;
    }
  }
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), outages, longest };
}

/** How far apart the dates of one note may be by two clocks, seconds. */
const SAME_NOTE = 10;

/** The notes that a store tells of, and those just taken that have not come to it yet. */
export function withTaken(kept: readonly Note[], taken: readonly Note[]): Note[] {
  const isKept = ({ message, date }: Note): boolean =>
    kept.some((note) => note.message === message && Math.abs(note.date - date) < SAME_NOTE);
  return [...kept, ...taken.filter((note) => !isKept(note))];
}

/** The pause between two refreshings of such a span, seconds: about one pixel's worth of time. */
export function pauseOf(seconds: number): number {
  return Math.min(300, Math.max(5, seconds / 1500));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A label of the time axis, whose marks are `apart` seconds from each other: `14:30` or `22 Nov`. */
export function axisLabel(date: number, apart: number): string {
  const at = new Date(date * 1000);
  const [hours, minutes] = [at.getHours(), at.getMinutes()];
  if (apart >= 86_400 || (hours === 0 && minutes === 0)) {
    return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ""}`;
  }
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}
