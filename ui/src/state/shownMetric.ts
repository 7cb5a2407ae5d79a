/** One metric as its chart shows it: a counter by its rate, and thresholds in words. */
import type { Fact, MeasuredMetric } from "../wire/wire";
import { alertEdges, alertWords } from "./alertRanges";
import type { AlertEdge, AlertRange } from "./alertRanges";
import { rateOf } from "./counters";
import type { CheckTimes } from "./counters";
import { liveFigure } from "./liveFigures";
import { COUNTER, exactText, isRoughly } from "./measuredText";

/** How bad it is to be beyond a threshold. */
export type AlertKind = "warn" | "crit";
const VERBS: Readonly<Record<AlertKind, string>> = { warn: "warns", crit: "critical" };
export interface ShownEdge extends AlertEdge {
  kind: AlertKind;
}

export interface ShownMetric extends MeasuredMetric {
  /** The newest value to every digit; `null` if only the rounded one is known. */
  exact: number | null;
  /** The points before which a counter began anew, so that its line ends. */
  restarts: readonly number[];
  edges: readonly ShownEdge[];
  /** What is to be known of it beside its figures, in a sentence; or nothing. */
  remark: string;
}

/** What is measured over a span, and what is known of it. */
export interface MeasuredSpan extends CheckTimes {
  /** What the newest sample says. */
  facts: readonly Fact[];
}

/** What a plugin says of a range: when it warns, or only at which value. */
function wordsOf(
  kind: AlertKind,
  range: AlertRange | null,
  edges: readonly number[],
  text: (value: number) => string,
  isPositive: boolean,
): { words: string | null; drawn: ShownEdge[] } {
  const verb = VERBS[kind];
  if (range === null) {
    const drawn = edges.map((at) => ({ at, kind, text: `${verb} at ${text(at)}` }));
    const words = edges.length === 0 ? null : `${verb} at ${edges.map(text).join(" and ")}`;
    return { words, drawn };
  }
  const words = alertWords(range, text, isPositive);
  return {
    words: words === null ? null : `${verb} ${words}`,
    drawn: alertEdges(range, verb, text, isPositive).map((edge) => ({ ...edge, kind })),
  };
}

const sentence = (text: string): string =>
  text === "" ? "" : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

export function shownOf(metric: MeasuredMetric, span: MeasuredSpan): ShownMetric {
  const { unit, mins, last } = metric;
  const live = liveFigure(metric, span.facts);
  const text = (value: number): string => exactText(value, unit);
  const isPositive = mins.every((min) => min >= 0) && (live.value ?? 0) >= 0;
  const [warn, crit] = (["warn", "crit"] as const).map((kind) =>
    wordsOf(kind, live[kind], metric[kind], text, isPositive),
  );
  const alerts = [warn?.words ?? null, crit?.words ?? null].filter((words) => words !== null);
  if (unit !== COUNTER) {
    const isNewest = live.value !== null && isRoughly(live.value, last);
    return {
      ...metric,
      exact: isNewest ? live.value : null,
      restarts: [],
      edges: [...(warn?.drawn ?? []), ...(crit?.drawn ?? [])],
      remark: sentence(alerts.join(", ")),
    };
  }
  const { metric: rate, restarts } = rateOf(metric, span);
  const known = [...(live.value === null ? [] : [`is at ${text(live.value)} now`]), ...alerts];
  const more = known.length === 0 ? "" : `, which ${known.join(", ")}`;
  return { ...rate, exact: null, restarts, edges: [], remark: `Rate of a counter${more}.` };
}
