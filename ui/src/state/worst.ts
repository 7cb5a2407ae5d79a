/** Which sources of a large tree are drawn beside each other: the worst ones. */
import { messageOf, requestOverview } from "../wire/requests";
import type { OverviewPath, Row, Wire } from "../wire/wire";
import { MOST_BANDS } from "./bands";
import { littleOf } from "./cover";
import { rankOf } from "./overview";
import type { Span } from "./spans";

/** The first of the rows by a rank, the smallest first. Rows of one rank stay in their order. */
function firstBy(rows: readonly Row[], rank: (row: Row) => number, most: number): string[] {
  const ranked = rows.map((row) => ({ path: row.path, rank: rank(row) }));
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, most).map(({ path }) => path);
}

/** Behind every uptime. */
const UNKNOWN = 10;

/**
 * The least up over a span of so many seconds. Sources that were watched for little of it come behind the
 * others, and last those of which nothing is known.
 */
export function leastUp(
  rows: readonly Row[],
  overview: readonly OverviewPath[],
  length: number,
  most: number,
): string[] {
  const little = littleOf(overview, length);
  const ranks = new Map(overview.map((found) => [found.path, rankOf(found, little)]));
  return firstBy(rows, ({ path }) => ranks.get(path) ?? UNKNOWN, most);
}

/** The worst by their status now; those without one last. */
export const worstNow = (rows: readonly Row[], most: number): string[] =>
  firstBy(rows, ({ status, hold }) => (hold === null ? (status ?? UNKNOWN) : UNKNOWN), most);

/** The sources that are drawn. */
export interface Worst {
  wanted: string[];
  /** Why they were chosen by their status now, and not by the span; `null` if they were not. */
  why: string | null;
}

/** The sources of a tree, and a key that changes when they are others. */
export interface Leaves {
  key: string;
  rows: readonly Row[];
}

/** So many seconds later, the worst ones are chosen anew. */
const ANEW = 60;

/** Chooses the worst sources of a tree, and keeps the choice while a span moves with the time. */
export class WorstChoice {
  #last: (Worst & Span & { key: string }) | null = null;

  async of(wire: Wire, { key, rows }: Leaves, { from, to }: Span): Promise<Worst> {
    const last = this.#last;
    const isNear = (one: number, other: number): boolean => Math.abs(one - other) < ANEW;
    if (last?.key === key && isNear(last.from, from) && isNear(last.to, to)) return last;
    let worst: Worst;
    try {
      const { paths } = await requestOverview(wire, from, to);
      worst = { wanted: leastUp(rows, paths, to - from, MOST_BANDS), why: null };
    } catch (error) {
      worst = { wanted: worstNow(rows, MOST_BANDS), why: messageOf(error) };
    }
    this.#last = { ...worst, key, from, to };
    return worst;
  }
}
