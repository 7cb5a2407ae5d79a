/** The span of the charts as text that a person can change. */
import { moment } from "./format";
import { LONGEST, SHORTEST } from "./spans";
import type { Span } from "./spans";
import { whenOf } from "./when";

/** A span from which on the ends are written without seconds. */
const COARSE = 3_600;

/** The ends of a span as they are written, in the chosen zone. */
export function endsWritten({ from, to }: Span): { from: string; to: string } {
  const written = (date: number): string => {
    const text = moment(date, 0);
    return to - from < COARSE ? text : text.slice(0, -3);
  };
  return { from: written(from), to: written(to) };
}

/** A span, or why there is none. */
export type WrittenSpan = { span: Span } | { why: string };

/**
 * The span that a person wrote. An end that was not changed, which is `null`, is that of the span that
 * is shown. A span ends at `now` at the latest.
 */
export function writtenSpan(
  written: { from: string | null; to: string | null },
  shown: Span,
  now: number,
): WrittenSpan {
  const ends = { from: shown.from, to: shown.to };
  for (const end of ["from", "to"] as const) {
    const text = written[end];
    if (text === null) continue;
    const date = whenOf(text, now);
    if (date === null) {
      return { why: `“${text.trim()}” is no time. Write 14:30 or 2026-11-22 14:30.` };
    }
    ends[end] = date;
  }
  const span = { from: ends.from, to: Math.min(ends.to, now) };
  if (span.from >= now) return { why: "That time is still to come." };
  if (span.from >= span.to) return { why: "The first time must be before the second." };
  if (span.to - span.from < SHORTEST) return { why: "That is shorter than a minute." };
  if (span.to - span.from > LONGEST) return { why: "That is longer than 400 days." };
  return { span };
}
