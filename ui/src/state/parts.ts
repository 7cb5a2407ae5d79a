/** The parts of a span as the charts draw them. Every figure comes from the store. */
import type { HistoryView, SpanPart } from "../wire/wire";
import { failedIn, hasIncident, unconfirmedSaid } from "./confirmed";
import { moment, percent, seconds, thousands } from "./format";
import { nearest } from "./history";
import type { Span } from "./spans";
import { isUp, levelOf } from "./status";
import { plainWord } from "./statusStyle";

/** The durations as they are drawn: rows of equal length. An empty row ends a line at a gap. */
export interface Durations {
  dates: number[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  longest: (number | null)[];
}

/** The percentiles of the durations of each part. Without samples for longer than `gap`, lines end. */
export function durationsOf(parts: readonly SpanPart[], gap: number): Durations {
  const out: Durations = { dates: [], p50: [], p95: [], p99: [], longest: [] };
  let before: SpanPart | null = null;
  const push = (date: number, part: SpanPart | null): void => {
    out.dates.push(date);
    out.p50.push(part?.p50 ?? null);
    out.p95.push(part?.p95 ?? null);
    out.p99.push(part?.p99 ?? null);
    out.longest.push(part?.longest ?? null);
  };
  for (const part of parts) {
    if (part.p50 === null) continue;
    if (before !== null && part.from - before.to > gap) push((before.to + part.from) / 2, null);
    push((part.from + part.to) / 2, part);
    before = part;
  }
  return out;
}

/** The part that a date lies in. */
export function partAt(parts: readonly SpanPart[], date: number): SpanPart | null {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.to ?? 0) <= date) low = middle + 1;
    else high = middle;
  }
  const found = parts[low];
  return found !== undefined && found.from <= date ? found : null;
}

/** What is said of a date: when, the values, and why it was not up. */
export interface Tip {
  when: string;
  values: string;
  cause: string;
}

type Past = Pick<
  HistoryView,
  | "dates"
  | "statuses"
  | "durations"
  | "causes"
  | "causeOf"
  | "gap"
  | "marks"
  | "parts"
  | "thinned"
  | "to"
>;

/** What is said of a date: of its sample if all are there, and else of the part that it lies in. */
export function tipOf(view: Past, date: number): Tip {
  if (view.thinned) return tipOfPart(view, date);
  const at = nearest(view.dates, date, view.gap);
  if (at === null) return { when: moment(date, view.to), values: "no samples", cause: "" };
  const status = view.statuses[at] ?? null;
  const took = seconds(view.durations[at] ?? null);
  const cause = view.causes[view.causeOf[at] ?? -1] ?? "";
  const sampled = view.dates[at] ?? 0;
  const isFallen = status !== null && !isUp(levelOf(status));
  const isDoubt = isFallen && !hasIncident(view.marks, sampled);
  const words = status === null ? "unknown" : `${percent(status)} ${plainWord(levelOf(status))}`;
  return {
    when: moment(sampled, view.to),
    values: took === "" ? words : `${words} · ${took}`,
    cause: isDoubt ? unconfirmedSaid(1, cause) : cause,
  };
}

/**
 * What is said of a part that was not wholly up without an incident. The cause of a failed check is among
 * the samples that are kept of a long span, unless a lower one is near it.
 */
function doubtOf(view: Past, part: SpanPart): string {
  const { dates, statuses, causes, causeOf } = view;
  const found = dates.flatMap((date, at) => {
    const status = statuses[at] ?? null;
    const text = causes[causeOf[at] ?? -1];
    const isIn = date >= part.from && date < part.to;
    const isMeant = isIn && status !== null && !isUp(levelOf(status));
    return isMeant && text !== undefined ? [{ status, text }] : [];
  });
  const [first] = found.sort((a, b) => a.status - b.status);
  const failed = Math.max(found.length, failedIn(part));
  return unconfirmedSaid(failed, first?.text ?? "zoom in for the cause");
}

function tipOfPart(view: Past, date: number): Tip {
  const { parts, marks, causes: texts, to } = view;
  const part = partAt(parts, date);
  if (part === null) return { when: moment(date, to), values: "no samples", cause: "" };
  const when = `${moment(part.from, to)} – ${moment(part.to, part.from)}`;
  const values = [part.uptime === null ? "unknown" : `${percent(part.uptime)} up`];
  if (part.lowest !== null && part.lowest < (part.uptime ?? 0)) {
    values.push(`lowest ${percent(part.lowest)}`);
  }
  const took = [seconds(part.p50), seconds(part.p99)];
  if (took[0] !== undefined && took[0] !== "") values.push(took.join(" to "));
  const within = marks.filter(
    ({ from, until }) => from < part.to && (until ?? Infinity) > part.from,
  );
  const fell = part.lowest !== null && !isUp(levelOf(part.lowest));
  if (within.length === 0) {
    return { when, values: values.join(" · "), cause: fell ? doubtOf(view, part) : "" };
  }
  // The newest one first, as in the list of the incidents.
  const causes = within.map(({ cause }) => texts[cause ?? -1] ?? "").reverse();
  const count = within.reduce((sum, mark) => sum + mark.count, 0);
  const more = count > 1 ? ` (and ${thousands(count - 1)} more)` : "";
  const cause = causes.find((text) => text !== "");
  return {
    when,
    values: values.join(" · "),
    cause: cause === undefined ? "" : cause + more,
  };
}

/**
 * What was not up at a date: the incident that lasted then or began or ended within so many seconds
 * of it, else the sample there; `null` if all was up or unknown.
 */
export function fallenAt(view: Past, date: number, slack: number): Span | null {
  const newestFirst = [...view.marks].reverse();
  const near = newestFirst.filter(
    ({ from, until }) => from <= date + slack && (until ?? view.to) >= date - slack,
  );
  const within = near.find(({ from, until }) => from <= date && (until ?? view.to) >= date);
  const found = within ?? near[0];
  if (found !== undefined) return { from: found.from, to: found.from };
  const at = view.thinned ? null : nearest(view.dates, date, view.gap);
  const status = at === null ? null : (view.statuses[at] ?? null);
  if (at === null || status === null || isUp(levelOf(status))) return null;
  const sampled = view.dates[at] ?? date;
  return { from: sampled, to: sampled };
}

/** The dates that the arrow keys stop at. */
export function stopsOf({ thinned, parts, dates }: Past): number[] {
  return thinned ? parts.map(({ from, to }) => (from + to) / 2) : [...dates];
}
