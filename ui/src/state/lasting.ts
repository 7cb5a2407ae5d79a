/** The incidents that last, as the rows of the tree tell them while the history is read. */
import type { PastIncident, Row, WantedIncidents } from "../wire/wire";
import { isUp } from "./status";
import { hasWord, TAG } from "./tags";

/** The most that are told. The history has all. */
const MOST = 200;

/** How many failures in a row are taken for an incident. */
const CONFIRMED = 2;

/** True if the last checks of a source all failed, and not only the newest one, which may be a doubt. */
function isConfirmed({ beats }: Row): boolean {
  const last = beats.filter((level) => level !== null).slice(-CONFIRMED);
  return last.length === CONFIRMED && !last.some(isUp);
}

/** True if the row itself tells that its incident is wanted. */
function isWanted(row: Row, wanted: WantedIncidents | null): boolean {
  if (wanted === null) return true;
  const { words, tags, levels, shortest, longest } = wanted;
  // The incident may have begun before the row knows of it, and may have been worse.
  if (shortest !== null || longest !== null) return false;
  const worst = Array.from({ length: (row.level ?? 0) + 1 }, (_, level) => level);
  if (levels.length > 0 && !worst.every((level) => levels.includes(level))) return false;
  const given = row.standing?.acknowledged ?? null;
  const { text = "", code = "" } = row.cause ?? {};
  const said = [row.path, ...row.tags, text, code, given?.note ?? ""].join("\n").toLowerCase();
  const asked = [...words, ...tags.map((tag) => TAG + tag)];
  return asked.every((word) => hasWord(word, said, row.tags));
}

/** Those of the sources at or below a path, or of all, that are wanted; newest first. */
export function lastingOf(
  rows: readonly Row[],
  below: string | null,
  wanted: WantedIncidents | null,
): PastIncident[] {
  const lasting = rows.flatMap((row): PastIncident[] => {
    const { path, level, since, cause, hold, waiting } = row;
    const isWithin = below === null || `${path}/`.startsWith(`${below}/`);
    if (row.below > 0 || hold !== null || waiting || !isWithin) return [];
    if (level === null || isUp(level) || since === null) return [];
    if (!isConfirmed(row) || !isWanted(row, wanted)) return [];
    const untold = { acknowledged: null, told: null, recovery: null };
    return [{ path, from: since, until: null, level, cause, ...untold }];
  });
  return lasting.sort((a, b) => b.from - a.from).slice(0, MOST);
}
