/** What the newest sample says of a metric, which it knows to every digit: its value and thresholds. */
import type { Fact, MeasuredMetric } from "../wire/wire";
import { edgesOf, rangeIn } from "./alertRanges";
import type { AlertRange } from "./alertRanges";

export interface LiveFigure {
  value: number | null;
  /** `null` if it is not known at which side of its values the plugin warns. */
  warn: AlertRange | null;
  crit: AlertRange | null;
}

const UNKNOWN: LiveFigure = { value: null, warn: null, crit: null };
/** A figure as a fact: `83% (warn 20:, crit 10:, most 100)`. */
const FIGURE = /^(-?\d[\d.]*(?:e[-+]?\d+)?) ?([^\d( ][^( ]*)?(?: \((.+)\))?$/i;

/** The range of this name among the limits of a fact, if it has the ends that the history has. */
function rangeOf(limits: string, name: string, edges: readonly number[]): AlertRange | null {
  const text = limits.split(", ").find((limit) => limit.startsWith(`${name} `));
  const range = text === undefined ? null : rangeIn(text.slice(name.length + 1));
  return range !== null && edgesOf(range).join() === edges.join() ? range : null;
}

/** What the facts of the newest sample say of a metric that a plugin or an agent named. */
export function liveFigure(
  { name, label, unit, warn, crit }: MeasuredMetric,
  facts: readonly Fact[],
): LiveFigure {
  const [fact, ...others] = facts.filter((fact) => fact.label === label);
  if (!/^(perfdata|values)\./.test(name) || fact === undefined || others.length > 0) return UNKNOWN;
  const [, number = "", own = "", limits = ""] = FIGURE.exec(fact.text) ?? [];
  const isMeant = number !== "" && own === unit;
  return {
    value: isMeant ? Number(number) : null,
    warn: rangeOf(limits, "warn", warn),
    crit: rangeOf(limits, "crit", crit),
  };
}
