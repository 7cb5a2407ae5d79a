/** Counters as they are drawn: by their rate a second. */
import type { MeasuredMetric } from "../wire/wire";
import { RATE, roundingOf } from "./measuredText";

/**
 * A difference of two values is a rate from so many times their rounding on. Otherwise a large counter
 * that the history keeps to three digits would stand still for hours, and then jump.
 */
const SURE = 8;

/** The rate of a counter, and the points before which it began anew. */
export interface CounterRate {
  metric: MeasuredMetric;
  restarts: number[];
}

/** From one point to a later one: by how much the counter grew in which time. */
interface Stretch {
  begin: number;
  end: number;
  grown: number;
  /** True if it is the first one after a restart. */
  restarted: boolean;
}

/** The time of a point that goes on is only what passed of it. */
export const middleOf = ({ begins, ends }: MeasuredMetric, at: number, now: number): number => {
  const begin = begins[at] ?? 0;
  return (begin + Math.max(begin, Math.min(ends[at] ?? begin, now))) / 2;
};

/** The stretches of one run of points, of which none is below the one before it. */
function stretchesOf(metric: MeasuredMetric, run: readonly number[], now: number): Stretch[] {
  const found: Stretch[] = [];
  const between = (first: number, last: number): Stretch => ({
    begin: middleOf(metric, first, now),
    end: middleOf(metric, last, now),
    grown: (metric.means[last] ?? 0) - (metric.means[first] ?? 0),
    restarted: false,
  });
  let [before, first] = [null as number | null, run[0]];
  const last = run.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  for (const at of run.slice(1)) {
    const stretch = between(first, at);
    const rounding = roundingOf(metric.means[at] ?? 0) + roundingOf(metric.means[first] ?? 0);
    if (stretch.grown < SURE * rounding) continue;
    found.push(stretch);
    [before, first] = [first, at];
  }
  // What is left is too little for a rate of its own.
  if (first === last) return found;
  return [...found.slice(0, -1), between(before ?? first, last)];
}

/**
 * The rate of a counter between its points, as a metric. A counter that is lower than before began anew:
 * there is no rate over that time, nor over one without values for longer than `gap` seconds.
 */
export function rateOf(metric: MeasuredMetric, gap: number, now: number): CounterRate {
  const { begins, ends, mins, means, maxs } = metric;
  const runs: { run: number[]; restarted: boolean }[] = [];
  begins.forEach((begin, at) => {
    const isBelow = (values: readonly number[], before: readonly number[]): boolean =>
      (values[at] ?? 0) < (before[at - 1] ?? -Infinity);
    const restarted = isBelow(mins, maxs) || isBelow(means, means);
    const last = runs.at(-1);
    if (last === undefined || restarted || begin - (ends[at - 1] ?? begin) > gap) {
      runs.push({ run: [at], restarted });
    } else last.run.push(at);
  });
  const stretches = runs.flatMap(({ run, restarted }) =>
    stretchesOf(metric, run, now).map((one, at) => ({ ...one, restarted: restarted && at === 0 })),
  );
  const rates = stretches.map(({ begin, end, grown }) => grown / Math.max(1, end - begin));
  return {
    metric: {
      ...metric,
      unit: RATE,
      last: rates.at(-1) ?? 0,
      // A plugin compares the counter with them, not its rate.
      warn: [],
      crit: [],
      begins: stretches.map(({ begin }) => begin),
      ends: stretches.map(({ end }) => end),
      // Long stretches count for more in the mean.
      counts: stretches.map(({ begin, end }) => end - begin),
      mins: rates,
      means: rates,
      maxs: rates,
    },
    restarts: stretches.flatMap(({ restarted }, at) => (restarted ? [at] : [])),
  };
}
