/** The sources that are down or degraded now, or flap. */
import type { Row } from "../wire/wire";
import { isUp } from "./status";

/** A source that is down or degraded now, or flaps. */
export interface CurrentProblem {
  row: Row;
  /** True if a person knows of it: it is acknowledged, or nobody is notified of it for now. */
  known: boolean;
}

/** Where flapping sources are among the levels: behind outages, whatever their last check said. */
const FLAPPING = 1.5;

/** How bad a source is, and since when. Neither changes with each check while it flaps. */
const rankOf = ({ level, flapping }: Row): number => (flapping === null ? (level ?? 0) : FLAPPING);
export const troubledSince = ({ since, flapping }: Row): number | null => flapping?.since ?? since;

/**
 * The sources that are down or degraded and not held, or flap until they have settled: those that nobody
 * acknowledged or snoozed first, then the worst, then the newest. The components of a status page stand in for a page that is not
 * listed itself, so that one trouble is not counted twice.
 */
export function currentProblems(rows: readonly Row[]): CurrentProblem[] {
  const found: CurrentProblem[] = [];
  // Rows are in pre-order, so that those up to this id are below the page that was found last.
  let lastOfPage = -1;
  for (const row of rows) {
    const { kind, hold, level, standing, flapping } = row;
    if (kind === "tree" || hold !== null) continue;
    if (flapping === null && (level === null || isUp(level))) continue;
    if (row.id <= lastOfPage) continue;
    if (row.below > 0) lastOfPage = row.id + row.below;
    const known = (standing?.acknowledged ?? standing?.snoozed ?? null) !== null;
    found.push({ row, known });
  }
  return found.sort(
    (a, b) =>
      Number(a.known) - Number(b.known) ||
      rankOf(a.row) - rankOf(b.row) ||
      (troubledSince(b.row) ?? 0) - (troubledSince(a.row) ?? 0),
  );
}
