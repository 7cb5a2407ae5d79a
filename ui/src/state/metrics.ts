/** The metrics of a source in groups that share a chart, and what is said of them. */
import type { MeasuredMetric } from "../wire/wire";
import { moment } from "./format";
import { COUNTER, exactText, RATE, roundedText } from "./measuredText";
import { pointAt } from "./metricLines";
import { shownOf } from "./shownMetric";
import type { MeasuredSpan, ShownMetric } from "./shownMetric";

/** Metrics that share a chart, all in the same unit. */
export interface MetricGroup {
  /** What tells it from all others. */
  key: string;
  title: string;
  unit: string;
  metrics: readonly ShownMetric[];
  /** What is to be known beside the figures, in sentences; or nothing. */
  remark: string;
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
function shared({ name, label, unit, warn, crit }: MeasuredMetric): [string, string] {
  const [map = "", ...rest] = name.split(".");
  const alone: [string, string] = [name, label];
  // Thresholds are those of one line.
  if (rest.length === 0 || warn.length + crit.length > 0) return alone;
  if (!NAMED_BY_OTHERS.includes(map)) return [map, TITLES[map] ?? label];
  if (unit === COUNTER) return [`${map} counters`, "Counters"];
  return unit === "" ? alone : [`${map} in ${unit}`, `In ${unit}`];
}

/** The charts, in the order of their first metrics. */
export function groupsOf(metrics: readonly MeasuredMetric[], span: MeasuredSpan): MetricGroup[] {
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
      const some = all.slice(at * MOST_LINES, (at + 1) * MOST_LINES);
      const shown = some.map((metric) => shownOf(metric, span));
      const [first, ...others] = shown;
      const title = all.length === 1 ? (first?.label ?? "") : (titles.get(key) ?? "");
      const part = count > 1 ? ` (${at + 1} of ${count})` : "";
      const unit = first?.unit ?? "";
      // Each of several counters has a value of its own.
      const several = unit === RATE ? "Their rates." : "";
      const remark = others.length === 0 ? (first?.remark ?? "") : several;
      return { key: `${key} ${at}`, title: title + part, unit, metrics: shown, remark };
    });
  });
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

/** What the metrics of a chart come to. */
export function columnsOf({ metrics }: Pick<MetricGroup, "metrics">): MetricColumns {
  const rows = metrics.map((metric) => {
    const { unit, exact, last, label } = metric;
    const whole = wholeOf(metric);
    if (whole === null) return { label, figures: ["—", "—", "—", "—"] };
    const newest = exact === null ? roundedText(last, unit) : exactText(exact, unit);
    const { min, mean, max } = whole;
    return { label, figures: [newest, ...[min, mean, max].map((one) => roundedText(one, unit))] };
  });
  return { head: ["Name", "Last", "Least", "Mean", "Most"], rows };
}

/** What is shown in place of a chart that would have no line; `null` if it has one. */
export function insteadOfLine({ metrics, unit }: MetricGroup): string | null {
  if (metrics.some(({ begins }) => begins.length > (unit === RATE ? 0 : 1))) return null;
  if (unit === RATE)
    return "No rate in this span yet: it takes values of a counter over a longer time.";
  const [first, ...others] = metrics;
  if (first === undefined || others.length > 0) return "Only one value of each in this span.";
  return `Only one value in this span: ${columnsOf({ metrics }).rows[0]?.figures[0] ?? "none"}.`;
}

/** What is said of a date: when, and the values of each metric. */
export function saidAt(group: MetricGroup, date: number, now: number): string {
  const parts = group.metrics.flatMap((metric) => {
    const at = pointAt(metric, date);
    if (at === null) return [];
    const text = (values: readonly number[]): string => roundedText(values[at] ?? 0, metric.unit);
    const [min, mean, max] = [text(metric.mins), text(metric.means), text(metric.maxs)];
    const around = min === max ? "" : ` (${min} to ${max})`;
    const label = group.metrics.length > 1 ? `${metric.label} ` : "";
    return [`${label}${mean}${around}`];
  });
  return `${moment(date, now)}: ${parts.length === 0 ? "no values" : parts.join(", ")}`;
}
