/** Moves and scales the span of time that the charts show. Dates are Unix seconds. */

/** A span of time. */
export interface Span {
  from: number;
  to: number;
}

/** The lengths of the shortest and the longest span, in seconds. */
export const SHORTEST = 60;
export const LONGEST = 400 * 86_400;

/** The span moved by a share of its length. It ends at `now` at the latest. */
export function shifted({ from, to }: Span, share: number, now: number): Span {
  const by = Math.min((to - from) * share, now - to);
  return { from: from + by, to: to + by };
}

/**
 * The span made `factor` times as long, with the date `around` at the same place in it. It is
 * between a minute and 400 days long, and ends at `now` at the latest.
 */
export function scaled({ from, to }: Span, factor: number, around: number, now: number): Span {
  const length = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor));
  const place = (around - from) / (to - from);
  const end = Math.min(now, around + (1 - place) * length);
  return { from: end - length, to: end };
}
