/** How samples are spread over statuses and durations, as bars and as points. */
import type { DurationBar, HistoryView } from "../wire/wire";
import { count, percent, seconds, thousands } from "./format";
import { ceilingOf } from "./history";
import { scaledTo } from "./scale";
import { levelOf } from "./status";
import { toneOf } from "./statusStyle";
import type { Tone } from "./statusStyle";

/** A bar of a chart. */
export interface SpreadBar {
  height: number;
  text: string;
  label: string;
  /** The label of the right edge of the last bar. */
  end?: string;
  tone?: Tone | undefined;
}

/** What the height of bars means: the values at their top and at their foot. */
export interface BarScale {
  top: string;
  bottom: string;
}

/** How tall a bar of a count is: by the root, so that a few beside very many can still be seen. */
function heightOf(counted: number, most: number): number {
  return most > 0 ? Math.sqrt(counted / most) : 0;
}

const share = (counted: number, total: number): string =>
  total > 0 ? `${count(counted, "sample")}, ${percent(counted / total)}` : "0 samples";

/** The bars of the statuses, one for each twentieth. The last one has what is wholly up, too. */
export function statusBars(counts: readonly number[]): SpreadBar[] {
  const [most, total] = [Math.max(...counts, 0), counts.reduce((sum, one) => sum + one, 0)];
  return counts.map((counted, at) => {
    const [from, to] = [at / counts.length, (at + 1) / counts.length];
    const isLast = at === counts.length - 1;
    return {
      height: heightOf(counted, most),
      text: `${percent(from)} to ${isLast ? "" : "below "}${percent(to)}: ${share(counted, total)}`,
      label: at % 5 === 0 ? percent(from) : "",
      tone: isLast ? "up" : toneOf(levelOf(from)),
      ...(isLast ? { end: percent(to) } : {}),
    };
  });
}

/** A short label of a duration, such as `100 ms`. */
export const shortSeconds = (value: number): string => {
  const text = (number: number): string => String(Number(number.toPrecision(2)));
  if (value < 0.001) return `${text(value * 1e6)} µs`;
  return value < 1 ? `${text(value * 1000)} ms` : `${text(value)} s`;
};

/** The bars of the durations. Labels stand at 1, 2 and 5 of each decade, as far as there is room. */
export function durationBars(bars: readonly DurationBar[]): SpreadBar[] {
  const counts = bars.map(({ count }) => count);
  const [most, total] = [Math.max(...counts, 0), counts.reduce((sum, one) => sum + one, 0)];
  const digits = bars.length > 24 ? ["1"] : ["1", "2", "5"];
  const isRound = (from: number): boolean =>
    digits.includes(from.toExponential(0).slice(0, 1)) && isDigit(from);
  // The ends are labelled, too, and what would lie over their labels is not.
  const room = bars.length / 6;
  return bars.map(({ from, to, count: counted }, at) => {
    const isInside = at >= room && at < bars.length - 1 - room && isRound(from);
    return {
      height: heightOf(counted, most),
      text: `${shortSeconds(from)} to ${shortSeconds(to)}: ${share(counted, total)}`,
      label: at === 0 || isInside ? shortSeconds(from) : "",
      ...(at === bars.length - 1 ? { end: shortSeconds(to) } : {}),
    };
  });
}

/** True if a duration is one digit and zeros. */
const isDigit = (value: number): boolean =>
  Math.abs(Number(value.toPrecision(1)) - value) < value * 1e-6;

/** A sample as a point. */
export interface SamplePoint {
  date: number;
  status: number;
  duration: number;
  cause: string;
}

/** The samples with a status, those that took longest first. */
export function slowestFirst(
  view: Pick<HistoryView, "dates" | "statuses" | "durations" | "causes" | "causeOf">,
): SamplePoint[] {
  const points = view.dates.flatMap((date, at): SamplePoint[] => {
    const status = view.statuses[at] ?? null;
    if (status === null) return [];
    const cause = view.causes[view.causeOf[at] ?? -1] ?? "";
    return [{ date, status, duration: view.durations[at] ?? 0, cause }];
  });
  return points.sort((a, b) => b.duration - a.duration);
}

/**
 * The ends of the scale of durations of a scatter. On a linear scale a few samples that took very long,
 * such as timeouts, lie above it.
 */
export function scatterEnds(
  points: readonly SamplePoint[],
  p99: number | null,
  log: boolean,
): [number, number] {
  const [most, least] = [points[0]?.duration ?? 1, points.at(-1)?.duration ?? 0];
  if (!log) return [0, ceilingOf(most, p99)];
  return [scaledTo(Math.min(least, most / 2), true) - 0.05, scaledTo(most, true) + 0.05];
}

/** The share of samples that the last bar of the statuses stands for. */
const NEARLY = 0.95;

/** What a scatter of status against duration says in a sentence. Its counts are those of all samples. */
export function scatterSummary(
  view: Pick<HistoryView, "thinned" | "count" | "statusCounts" | "parts">,
  points: readonly SamplePoint[],
): string {
  if (view.thinned) {
    const nearly = view.statusCounts.at(-1) ?? 0;
    const longest = seconds(Math.max(0, ...view.parts.map(({ longest }) => longest ?? 0)));
    const words = `${count(nearly, "sample")} at least ${percent(NEARLY)} up, ${thousands(view.count - nearly)} less.`;
    return longest === "" ? words : `${words} The slowest took ${longest}.`;
  }
  const slowest = (good: (point: SamplePoint) => boolean): string => {
    const found = points.filter(good);
    const took = seconds(found[0]?.duration ?? null);
    return found.length === 0
      ? "none"
      : `${thousands(found.length)}${took === "" ? "" : `, the slowest ${took}`}`;
  };
  const up = slowest(({ status }) => status >= 1);
  return `Wholly up: ${up}. Not: ${slowest(({ status }) => status < 1)}.`;
}
