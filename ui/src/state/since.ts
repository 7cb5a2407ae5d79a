/** Since when a row has been as it is, as far as somebody looked. */
import type { Row } from "../wire/wire";
import { shortSpan } from "./format";

type Lasting = Pick<Row, "since" | "since_at_least">;

/** The label of the date: nobody looked before a date of which it says `At least`. */
export function sinceLabel(row: Lasting): string {
  return row.since_at_least ? "At least since" : "Since";
}

/** How long it has lasted: `12 min`, or `≥ 12 min`; empty if that is not known at all. */
export function lasts(row: Lasting, now: number): string {
  if (row.since === null) return "";
  const span = shortSpan(now - row.since);
  return row.since_at_least ? `≥ ${span}` : span;
}
