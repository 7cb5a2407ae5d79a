/** Metrics as columns of numbers that a chart draws: their lines, their scale, and its stops. */
import type { MeasuredMetric } from "../wire/wire";
import { middleOf } from "./counters";
import { RATE } from "./measuredText";
import type { ShownMetric } from "./shownMetric";

/** Columns of equal length for a chart: the dates, then of each metric the means, minima and maxima. */
export type Line = (number | null | undefined)[];
export interface MetricLines {
  dates: number[];
  lines: { means: Line; mins: Line; maxs: Line }[];
}

/**
 * The lines of a chart. A line has `undefined` where it goes on between two values, and `null` where
 * there were no values for longer than `gap` seconds, or a counter began anew. None is later than `now`.
 */
export function linesOf(metrics: readonly ShownMetric[], gap: number, now: number): MetricLines {
  const placed = metrics.map((metric) => {
    const { begins, ends, restarts } = metric;
    const at = new Map<number, number | null>();
    begins.forEach((begin, index) => {
      const end = ends[index] ?? begin;
      at.set(middleOf(metric, index, now), index);
      const next = begins[index + 1];
      if (next === undefined) return;
      if (next - end > gap || restarts.includes(index + 1)) at.set((end + next) / 2, null);
    });
    return at;
  });
  const dates = [...new Set(placed.flatMap((at) => [...at.keys()]))].sort((a, b) => a - b);
  const lines = metrics.map((metric, number) => {
    const pick = (values: readonly number[]): Line =>
      dates.map((date) => {
        const index = placed[number]?.get(date);
        return typeof index === "number" ? values[index] : index;
      });
    return { means: pick(metric.means), mins: pick(metric.mins), maxs: pick(metric.maxs) };
  });
  return { dates, lines };
}

/** The most that a band above the highest mean takes of a chart; the rest is cut off. */
const BULK = 4;
/** The ends of a scale lie within this amount, so that their distance is still a number. */
const FARTHEST = 8e307;

/** The ends of a linear scale: from zero, unless all values are far from it and near each other. */
export function endsOf(metrics: readonly ShownMetric[]): [number, number] {
  const mins = metrics.flatMap(({ mins }) => mins);
  const means = metrics.flatMap(({ means }) => means);
  if (mins.length === 0) return [0, 1];
  const [least, mean] = [Math.min(...mins), Math.max(...means)];
  let most = Math.max(...metrics.flatMap(({ maxs }) => maxs));
  if (mean > 0 && least >= 0) most = Math.min(most, mean * BULK);
  // A threshold is shown where it does not flatten the line.
  for (const { at } of metrics.flatMap(({ edges }) => edges)) {
    if (at > most && at <= most + Math.abs(most - Math.min(0, least))) most = at;
  }
  // A rate comes from rounded values, which would look unsteady on a scale of its own.
  const isRate = metrics.some(({ unit }) => unit === RATE);
  const isNear = !isRate && least > 0 && most - least < least * 0.5;
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 1;
  const low = isNear ? least - room : Math.min(0, least - (least < 0 ? room : 0));
  const high = most + room;
  return [Math.max(-FARTHEST, low), Math.min(FARTHEST, high)];
}

/** The point that a date lies in; `null` where there are no values. */
export function pointAt({ begins, ends }: MeasuredMetric, date: number): number | null {
  let [low, high] = [0, begins.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) <= date) low = middle + 1;
    else high = middle;
  }
  return (begins[low] ?? Infinity) <= date ? low : null;
}

/** The dates that the arrow keys stop at. */
export function stopsOf(metrics: readonly ShownMetric[], now: number): number[] {
  const middles = metrics.flatMap((metric) =>
    metric.begins.map((_, at) => middleOf(metric, at, now)),
  );
  return [...new Set(middles)].sort((a, b) => a - b);
}
