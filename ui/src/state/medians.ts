/** The median durations of several sources beside each other. Every figure comes from the store. */
import type { PathBand } from "../wire/wire";
import { moment, seconds } from "./format";
import { spacingOf } from "./history";
import { placeOf } from "./incidents";
import { partAt } from "./parts";

/** A line ends where there were no samples for so many times the usual distance. */
const LONG = 3;

/** The values of one source at the dates of all of them. */
export type MedianLine = (number | null | undefined)[];

/**
 * The medians of several paths at the same dates: the middles of their parts. A line has `undefined`
 * where it goes on between two values, and `null` where there were no samples for longer than usual.
 */
export function alignedOf(bands: readonly PathBand[]): [number[], ...MedianLine[]] {
  const known = bands.map(({ parts }) => {
    const values = new Map<number, number | null>();
    const some = parts.filter(({ p50 }) => p50 !== null);
    const usual = spacingOf(
      some.map(({ from }) => from),
      Infinity,
    );
    some.forEach(({ from, to, p50 }, at) => {
      const next = some[at + 1];
      values.set((from + to) / 2, p50);
      if (next !== undefined && next.from - from > LONG * usual) values.set(to, null);
    });
    return values;
  });
  const dates = [...new Set(known.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  return [dates, ...known.map((values) => dates.map((date) => values.get(date)))];
}

/** The 99th percentile of all medians that are drawn; `null` without any. */
export function bulkOf(bands: readonly PathBand[]): number | null {
  const medians = bands.flatMap(({ parts }) => parts.flatMap(({ p50 }) => p50 ?? []));
  medians.sort((a, b) => a - b);
  return medians[Math.ceil(medians.length * 0.99) - 1] ?? null;
}

/** The dates that the arrow keys stop at: each of which some source has a median. */
export function medianStops(bands: readonly PathBand[]): number[] {
  const middles = bands.flatMap(({ parts }) =>
    parts.flatMap(({ from, to, p50 }) => (p50 === null ? [] : [(from + to) / 2])),
  );
  return [...new Set(middles)].sort((a, b) => a - b);
}

/** What is said of a date: when, and the median of each source. */
export function mediansSaid(bands: readonly PathBand[], date: number, now: number): string {
  const known = bands.flatMap(({ path, parts }) => {
    const took = partAt(parts, date)?.p50 ?? null;
    return took === null ? [] : [`${placeOf(path).name} ${seconds(took) || "under 0.1 ms"}`];
  });
  return `${moment(date, now)}: ${known.length === 0 ? "no samples" : known.join(", ")}`;
}
