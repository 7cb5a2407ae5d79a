/** The metrics of a source as the charts draw them. Every figure comes from the store. */
import type { MeasuredMetric } from "../wire/wire";
import { moment, seconds } from "./format";

/** Metrics that share a chart, all in the same unit. */
export interface MetricGroup {
  /** What tells it from all others. */
  key: string;
  title: string;
  unit: string;
  metrics: readonly MeasuredMetric[];
}

/** The most lines of one chart: as many as can be told apart. */
export const MOST_LINES = 6;

/** What the far side named: its numbers belong together only by their unit. */
const NAMED_BY_OTHERS = ["perfdata", "values"];
/** The titles of maps of numbers that belong together. */
const TITLES: Readonly<Record<string, string>> = {
  timing: "Parts of a check",
  rtt: "Round trip",
};

/** What a metric shares with those that may be in its chart, and the title of a chart of several. */
function shared(metric: MeasuredMetric): [string, string] {
  const [map = "", ...rest] = metric.name.split(".");
  const alone: [string, string] = [metric.name, metric.label];
  // Thresholds are those of one line.
  if (rest.length === 0 || metric.warn.length + metric.crit.length > 0) return alone;
  if (!NAMED_BY_OTHERS.includes(map)) return [map, TITLES[map] ?? metric.label];
  return metric.unit === "" ? alone : [`${map} in ${metric.unit}`, `In ${metric.unit}`];
}

/** The charts, in the order of their first metrics. */
export function groupsOf(metrics: readonly MeasuredMetric[]): MetricGroup[] {
  const groups = new Map<string, MeasuredMetric[]>();
  const titles = new Map<string, string>();
  for (const metric of metrics) {
    const [key, title] = shared(metric);
    titles.set(key, title);
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  return [...groups].flatMap(([key, all]) => {
    const count = Math.ceil(all.length / MOST_LINES);
    return Array.from({ length: count }, (_, at): MetricGroup => {
      const metrics = all.slice(at * MOST_LINES, (at + 1) * MOST_LINES);
      const first = metrics[0];
      const title = all.length === 1 ? (first?.label ?? "") : (titles.get(key) ?? "");
      const part = count > 1 ? ` (${at + 1} of ${count})` : "";
      return { key: `${key} ${at}`, title: title + part, unit: first?.unit ?? "", metrics };
    });
  });
}

const SIZES = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** The unit of a continuous counter in performance data (the plugin guideline's UOM). */
const COUNTER = "c";

/** A whole number as it is, and another to four significant digits at most. */
function plain(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toPrecision(3);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return Number(value.toPrecision(4)).toLocaleString("en-US", { maximumFractionDigits: 10 });
}

/** A value with its unit: `12.3 ms`, `1.5 KiB`, `71%`. */
export function valueText(value: number, unit: string): string {
  if (unit === "s") {
    if (value < 0) return `-${valueText(-value, unit)}`;
    return seconds(value) || (value === 0 ? "0 ms" : "under 0.1 ms");
  }
  if (unit === "B") {
    const power = Math.min(
      SIZES.length - 1,
      Math.max(0, Math.floor(Math.log2(Math.abs(value) || 1) / 10)),
    );
    return `${plain(value / 1024 ** power)} ${SIZES[power] ?? ""}`;
  }
  if (unit === "%") return `${plain(value)}%`;
  return unit === COUNTER ? plain(value) : `${plain(value)} ${unit}`.trim();
}

/** The least, the mean and the highest of all values of a metric; `null` without any. */
export function wholeOf({ counts, mins, means, maxs }: MeasuredMetric): {
  min: number;
  mean: number;
  max: number;
} | null {
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count === 0) return null;
  const sum = means.reduce((sum, mean, at) => sum + mean * ((counts[at] ?? 0) / count), 0);
  return { min: Math.min(...mins), mean: sum, max: Math.max(...maxs) };
}

/** The columns of the table of a chart. */
export interface MetricColumns {
  head: string[];
  /** The figures of each metric. */
  rows: { label: string; figures: string[] }[];
}

/** What the metrics of a chart come to. Thresholds of a plugin have columns if there are any. */
export function columnsOf({ metrics }: MetricGroup): MetricColumns {
  const edges = (["warn", "crit"] as const).filter((kind) =>
    metrics.some((metric) => metric[kind].length > 0),
  );
  const labels = { warn: "Warning", crit: "Critical" };
  const rows = metrics.map((metric) => {
    const text = (value: number): string => valueText(value, metric.unit);
    const whole = wholeOf(metric);
    const figures = whole === null ? [] : [whole.min, whole.mean, whole.max];
    const drawn = edges.map((kind) => metric[kind].map(text).join(", ") || "—");
    const all = [metric.last, ...figures].map(text);
    return { label: metric.label, figures: [...all, ...drawn] };
  });
  return {
    head: ["Name", "Last", "Least", "Mean", "Most", ...edges.map((kind) => labels[kind])],
    rows,
  };
}

/** Columns of equal length for a chart: the dates, then of each metric the means, minima and maxima. */
export type Line = (number | null | undefined)[];
export interface MetricLines {
  dates: number[];
  lines: { means: Line; mins: Line; maxs: Line }[];
}

/**
 * The lines of a chart. A line has `undefined` where it goes on between two values, and `null` where
 * there were no values for longer than `gap` seconds.
 */
export function linesOf(metrics: readonly MeasuredMetric[], gap: number): MetricLines {
  const placed = metrics.map(({ begins, ends }) => {
    const at = new Map<number, number | null>();
    begins.forEach((begin, index) => {
      const end = ends[index] ?? begin;
      at.set((begin + end) / 2, index);
      const next = begins[index + 1];
      if (next !== undefined && next - end > gap) at.set((end + next) / 2, null);
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

/** The ends of a linear scale: from zero, unless all values are far from it and near each other. */
export function endsOf(metrics: readonly MeasuredMetric[]): [number, number] {
  const mins = metrics.flatMap(({ mins }) => mins);
  const means = metrics.flatMap(({ means }) => means);
  if (mins.length === 0) return [0, 1];
  const [least, mean] = [Math.min(...mins), Math.max(...means)];
  let most = Math.max(...metrics.flatMap(({ maxs }) => maxs));
  if (mean > 0 && least >= 0) most = Math.min(most, mean * BULK);
  // A threshold is shown where it does not flatten the line.
  for (const edge of metrics.flatMap(({ warn, crit }) => [...warn, ...crit])) {
    if (edge > most && edge <= most + Math.abs(most - Math.min(0, least))) most = edge;
  }
  const isNear = least > 0 && most - least < least * 0.5;
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 1;
  return [isNear ? least - room : Math.min(0, least - (least < 0 ? room : 0)), most + room];
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

/** What is said of a date: when, and the values of each metric. */
export function saidAt(group: MetricGroup, date: number, now: number): string {
  const parts = group.metrics.flatMap((metric) => {
    const at = pointAt(metric, date);
    if (at === null) return [];
    const text = (values: readonly number[]): string => valueText(values[at] ?? 0, metric.unit);
    const [min, mean, max] = [text(metric.mins), text(metric.means), text(metric.maxs)];
    const around = min === max ? "" : ` (${min} to ${max})`;
    const label = group.metrics.length > 1 ? `${metric.label} ` : "";
    return [`${label}${mean}${around}`];
  });
  return `${moment(date, now)}: ${parts.length === 0 ? "no values" : parts.join(", ")}`;
}

/** The dates that the arrow keys stop at. */
export function stopsOf({ metrics }: MetricGroup): number[] {
  const middles = metrics.flatMap(({ begins, ends }) =>
    begins.map((begin, at) => (begin + (ends[at] ?? begin)) / 2),
  );
  return [...new Set(middles)].sort((a, b) => a - b);
}
