/** When a beat was, which the history knows: a beat itself is a level without a date. */
import { requestHistory } from "../wire/requests";
import type { Row, Wire } from "../wire/wire";
import { isUp } from "./status";

/** How far back the history is searched at first, and then, in seconds. */
const SEARCHED = [3_600, 86_400];
/** How far the date of a row may differ from that of its sample, in seconds. */
const SAME = 0.01;

/**
 * The date of the sample that lies `back` samples before the one of `newest`; `null` if it is not
 * among the dates. The newest samples may be missing, because they are stored a moment later.
 */
export function dateBack(dates: readonly number[], newest: number, back: number): number | null {
  let last = dates.length - 1;
  while (last >= 0 && (dates[last] ?? 0) > newest + SAME) last -= 1;
  const missing = Math.abs((dates[last] ?? -Infinity) - newest) <= SAME ? 0 : 1;
  return dates[last - back + missing] ?? null;
}

/** The date of a row's beat, counted back from the newest; `null` if the history does not know it. */
export async function beatDate(wire: Wire, row: Row, back: number): Promise<number | null> {
  const since = row.beats.slice(-1 - back);
  const lasts = since.every((level) => level !== null && level === row.level && !isUp(level));
  if (lasts && row.since !== null) return row.since;
  if (row.date === null) return null;
  for (const length of SEARCHED) {
    try {
      const { dates, thinned } = await requestHistory(
        wire,
        row.path,
        row.date - length,
        row.date + 1,
      );
      const date = thinned ? null : dateBack(dates, row.date, back);
      if (date !== null) return date;
    } catch {
      // The list says itself why the history cannot be read.
      return null;
    }
  }
  return null;
}
