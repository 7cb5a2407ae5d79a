/** Counters as they are drawn: by their rate a second. */
import type { MeasuredMetric } from "../wire/wire";
import { isRounded, RATE, roundingOf } from "./measuredText";

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

/** What is known of the checks beside their values. */
export interface CheckTimes {
  /** A time without values for more seconds is a gap. */
  gap: number;
  /** When the values were read, Unix seconds. */
  now: number;
  /** The date of the newest check, Unix seconds, and the time between two; `null` where not known. */
  newest: number | null;
  interval: number | null;
}

/** The last value of a point: a counter only grows, so that it is the highest one. */
interface Reading {
  value: number;
  /** By how much the value may be off. */
  rounding: number;
  /** About when it was read, and by how many seconds that may be off. */
  date: number;
  slack: number;
  /** The checks since the reading before. */
  checks: number;
}

/** From one reading to a later one: by how much the counter grew in which time. */
interface Stretch {
  begin: number;
  end: number;
  rate: number;
  /** True if it is the first one after a restart. */
  restarted: boolean;
}

/** The most of a time that may be uncertain, if the checks came at their interval, and otherwise. */
const [REGULAR, IRREGULAR] = [0.5, 0.12];

/** The time of a point that goes on is only what passed of it. */
export const middleOf = ({ begins, ends }: MeasuredMetric, at: number, now: number): number => {
  const begin = begins[at] ?? 0;
  return (begin + Math.max(begin, Math.min(ends[at] ?? begin, now))) / 2;
};

/** How much a value of a counter may be off: not at all if it has more digits than a rounded one. */
function offBy(value: number): number {
  const isWhole = Number.isInteger(value) && Math.abs(value) < 1_000;
  return isWhole || !isRounded(value) ? 0 : roundingOf(value);
}

/** The readings of one run of points. That of a point that goes on is the newest one. */
function readingsOf(metric: MeasuredMetric, run: readonly number[], times: CheckTimes): Reading[] {
  const { begins, ends, counts, maxs } = metric;
  const { newest, now } = times;
  const paceOf = (at: number): number =>
    ((ends[at] ?? 0) - (begins[at] ?? 0)) / Math.max(1, counts[at] ?? 0);
  let checks = 0;
  return run.flatMap((at): Reading[] => {
    const [begin, end, value] = [begins[at] ?? 0, ends[at] ?? 0, maxs[at] ?? 0];
    checks += counts[at] ?? 0;
    const goesOn = end > now;
    const isKnown = goesOn && newest !== null && newest >= begin && newest <= end;
    // Of a point that goes on, the time is known by its newest check only.
    if (goesOn && !isKnown) return [];
    // The first point may have been watched for a part of its time, so that its checks are denser.
    const next = at + 1 < begins.length && (ends[at + 1] ?? 0) <= now ? paceOf(at + 1) : Infinity;
    const slack = isKnown ? 0 : Math.min(paceOf(at), next, times.interval ?? Infinity) / 2;
    const date = isKnown ? newest : end - slack;
    const reading = { value, rounding: offBy(value), date, slack, checks };
    checks = 0;
    return [reading];
  });
}

/** The rate between two readings; `null` if it would be made up. */
function between(
  first: Reading,
  last: Reading,
  checks: number,
  interval: number | null,
): number | null {
  const grown = last.value - first.value;
  if (grown < SURE * (first.rounding + last.rounding)) return null;
  const [time, slack] = [last.date - first.date, first.slack + last.slack];
  if (time <= 0) return null;
  const regular = checks * (interval ?? 0);
  const isRegular = interval !== null && Math.abs(regular - time) <= slack;
  if (slack > time * (isRegular ? REGULAR : IRREGULAR)) return null;
  return grown / (isRegular ? regular : time);
}

/** The stretches of one run of points, of which none is below the one before it. */
function stretchesOf(
  metric: MeasuredMetric,
  run: readonly number[],
  times: CheckTimes,
): Omit<Stretch, "restarted">[] {
  const readings = readingsOf(metric, run, times);
  const found: (Omit<Stretch, "restarted"> & { from: number })[] = [];
  const add = (from: number, to: number): boolean => {
    const [first, last] = [readings[from], readings[to]];
    if (first === undefined || last === undefined || from === to) return false;
    const checks = readings.slice(from + 1, to + 1).reduce((sum, one) => sum + one.checks, 0);
    const rate = between(first, last, checks, times.interval);
    if (rate !== null) found.push({ begin: first.date, end: last.date, rate, from });
    return rate !== null;
  };
  let first = 0;
  readings.forEach((_, at) => {
    if (add(first, at)) first = at;
  });
  // What is left is too little for a rate of its own.
  const tail = found.at(-1);
  if (tail !== undefined && first < readings.length - 1 && add(tail.from, readings.length - 1)) {
    found.splice(-2, 1);
  }
  return found;
}

/**
 * The rate of a counter between its points, as a metric. A counter that is lower than before began anew:
 * there is no rate over that time, nor over one without values for longer than the gap.
 */
export function rateOf(metric: MeasuredMetric, times: CheckTimes): CounterRate {
  const { begins, ends, mins, means, maxs } = metric;
  const runs: { run: number[]; restarted: boolean }[] = [];
  begins.forEach((begin, at) => {
    const isBelow = (values: readonly number[], before: readonly number[]): boolean =>
      (values[at] ?? 0) < (before[at - 1] ?? -Infinity);
    const restarted = isBelow(mins, maxs) || isBelow(means, means);
    const last = runs.at(-1);
    if (last === undefined || restarted || begin - (ends[at - 1] ?? begin) > times.gap) {
      runs.push({ run: [at], restarted });
    } else last.run.push(at);
  });
  const stretches = runs.flatMap(({ run, restarted }) =>
    stretchesOf(metric, run, times).map((one, at) => ({
      ...one,
      restarted: restarted && at === 0,
    })),
  );
  const rates = stretches.map(({ rate }) => rate);
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
