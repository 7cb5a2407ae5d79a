/** The figures of a history as they are shown above its charts. */
import type { HistoryView } from "../wire/wire";
import { coverRemark } from "./cover";
import { percent, seconds, span, thousands } from "./format";

export interface Figure {
  label: string;
  value: string;
  /** A remark in small print. */
  remark: string;
}

/** The figures of a history; none without samples. */
export function figuresOf(view: HistoryView): Figure[] {
  if (view.count + view.unknown === 0) return [];
  const { counts, p50, p95, p99, uptime } = view;
  const longest = counts.down === 0 ? "" : `longest ${span(counts.longest)}`;
  const cover = uptime === null ? "" : coverRemark(view.watched, view.to - view.from);
  const figures: Figure[] = [
    { label: "Uptime", value: percent(uptime), remark: cover },
    { label: "Down", value: thousands(counts.down), remark: longest },
    { label: "Degraded", value: thousands(counts.degraded), remark: "" },
  ];
  if (p50 !== null) {
    const within = (share: number, value: number | null): string[] =>
      value === null ? [] : [`${share}% within ${seconds(value) || "0.1 ms"}`];
    const remark = [...within(95, p95), ...within(99, p99)].join(", ");
    figures.push({ label: "Median", value: seconds(p50) || "—", remark });
  }
  return figures;
}

/** A figure in a line. */
export const figureText = ({ label, value, remark }: Figure): string =>
  [label, value, remark].filter((text) => text !== "").join(" ");
