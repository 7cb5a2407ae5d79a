/** The incidents that last, as the rows of the tree tell them while the history is read. */
import type { PastIncident, Row } from "../wire/wire";
import { isUp } from "./status";

/** The most that are told. The history has all. */
const MOST = 200;

/** Those of the sources at or below a path, or of all; newest first. */
export function lastingOf(rows: readonly Row[], below: string | null): PastIncident[] {
  const lasting = rows.flatMap((row): PastIncident[] => {
    const { path, level, since, cause, hold, waiting } = row;
    const isWithin = below === null || `${path}/`.startsWith(`${below}/`);
    if (row.below > 0 || hold !== null || waiting || !isWithin) return [];
    if (level === null || isUp(level) || since === null) return [];
    const untold = { acknowledged: null, told: null, recovery: null };
    return [{ path, from: since, until: null, level, cause, ...untold }];
  });
  return lasting.sort((a, b) => b.from - a.from).slice(0, MOST);
}
