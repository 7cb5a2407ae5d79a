/** The history as it is drawn: steps, gaps and figures. Dates are Unix seconds. */
import type { HistoryView, Note } from "../wire/wire";
import { isOutage, levelOf } from "./status";

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

/**
 * The steps. The status of a sample lasts until the next sample. Before a gap, and at the end, it
 * lasts for the usual distance of samples, so that nothing is claimed about a time without checks.
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

/** A period at one level, or one without checks. */
export interface Run {
  from: number;
  to: number;
  level: number | null;
  /** The mean status, weighted by samples; `null` for unknown and for gaps. */
  mean: number | null;
  samples: number;
}

/** Joins steps of the same level, with the gaps between them as runs without samples. */
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

/** The durations as they are drawn: dates, means, and the smallest and largest of each. */
export interface Durations {
  dates: number[];
  mean: (number | null)[];
  least: (number | null)[];
  most: (number | null)[];
}

/**
 * The durations between two dates, with at most one point for each of the slices, so that a long
 * span is a line with a band around it. An empty row ends the line at a gap.
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

/** The quantile of sorted values by nearest rank. 0.5 gives the median. */
export function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export interface Figures {
  /** In seconds. */
  median: number | null;
  p95: number | null;
  /** The number of runs at level 0 or 1. Runs that only a gap separates count once. */
  outages: number;
  /** The length of the longest of them in seconds. */
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

/** How far the dates of one note may differ between two clocks, in seconds. */
const SAME_NOTE = 10;

/** The notes of a store, and those just taken that have not reached it. */
export function withTaken(kept: readonly Note[], taken: readonly Note[]): Note[] {
  const isKept = ({ message, date }: Note): boolean =>
    kept.some((note) => note.message === message && Math.abs(note.date - date) < SAME_NOTE);
  return [...kept, ...taken.filter((note) => !isKept(note))];
}

/** The pause between two refreshes of such a span in seconds: about the time of one pixel. */
export function pauseOf(seconds: number): number {
  return Math.min(300, Math.max(5, seconds / 1500));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * A label of the time axis such as `14:30` or `22 Nov`. Its marks are `apart` seconds from each
 * other.
 */
export function axisLabel(date: number, apart: number): string {
  const at = new Date(date * 1000);
  const [hours, minutes] = [at.getHours(), at.getMinutes()];
  if (apart >= 86_400 || (hours === 0 && minutes === 0)) {
    return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ""}`;
  }
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}
