/**
 * Ranges at which a plugin warns, as a person says them. The rules are those of the Monitoring Plugins
 * Development Guidelines, section "Threshold and Ranges".
 */

/** A range of good values, ends included; of bad ones if it alerts inside. */
export interface AlertRange {
  from: number;
  to: number;
  alertsInside: boolean;
}

/** The range that a plugin wrote, such as `10`, `10:`, `~:10`, `10:20` or `@10:20`; `null` for no range. */
export function rangeIn(text: string): AlertRange | null {
  const alertsInside = text.startsWith("@");
  const [first = "", second, ...rest] = text.slice(alertsInside ? 1 : 0).split(":");
  if (rest.length > 0) return null;
  const [begin, end] = second === undefined ? ["0", first] : [first, second];
  const from = begin === "~" ? -Infinity : numberIn(begin);
  const to = end === "" && second !== undefined ? Infinity : numberIn(end);
  return from <= to ? { from, to, alertsInside } : null;
}

const numberIn = (text: string): number =>
  /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;

/** The values at which a chart has a line for a range, as the wire has them: not a start at zero. */
export function edgesOf({ from, to }: AlertRange): number[] {
  const edges = Number.isFinite(from) && from !== 0 ? [from] : [];
  return Number.isFinite(to) && to !== edges[0] ? [...edges, to] : edges;
}

/** What of a range alerts: `below 20%`, `between -5 and 0`; `null` if nothing does. */
export function alertWords(
  { from, to, alertsInside }: AlertRange,
  text: (value: number) => string,
  /** True if no value is below zero, so that a range from zero on has only one end. */
  isPositive: boolean,
): string | null {
  const [hasFrom, hasTo] = [Number.isFinite(from), Number.isFinite(to)];
  if (alertsInside) {
    if (from === to) return `at ${text(from)}`;
    if (hasFrom && hasTo) return `between ${text(from)} and ${text(to)}`;
    if (hasTo) return `at ${text(to)} and below`;
    return hasFrom ? `at ${text(from)} and above` : "at any value";
  }
  if (!hasTo) return hasFrom ? `below ${text(from)}` : null;
  if (!hasFrom || (from === 0 && to > 0 && isPositive)) return `above ${text(to)}`;
  return from === to ? `at all but ${text(from)}` : `outside ${text(from)} to ${text(to)}`;
}

/** A line of a chart at which a plugin begins to warn, or no longer does. */
export interface AlertEdge {
  at: number;
  /** Empty if another line of the range says it. */
  text: string;
}

/** The lines of a range with what each says: `warns above 80%`. */
export function alertEdges(
  range: AlertRange,
  verb: string,
  text: (value: number) => string,
  isPositive: boolean,
): AlertEdge[] {
  const edges = edgesOf(range);
  const [low, high] = edges;
  if (low !== undefined && high !== undefined && !range.alertsInside) {
    return [
      { at: low, text: `${verb} below ${text(low)}` },
      { at: high, text: `${verb} above ${text(high)}` },
    ];
  }
  const words = alertWords(range, text, isPositive);
  const last = edges.length - 1;
  return edges.map((at, number) => ({ at, text: number === last ? `${verb} ${words ?? ""}` : "" }));
}
