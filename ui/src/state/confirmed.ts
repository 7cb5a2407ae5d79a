/** Failed checks that were not confirmed: no incident has them, because others around them were good. */
import type { IncidentMark, SpanPart } from "../wire/wire";
import { count } from "./format";

/** How far the dates of an incident and of its checks may be apart, in seconds. */
const SLACK = 1;

/** True if an incident lasted at a time that was not up. */
export function isConfirmed(marks: readonly IncidentMark[], from: number, to: number): boolean {
  const slack = Math.min(SLACK, (to - from) / 2);
  return marks.some((mark) => mark.from < to - slack && (mark.until ?? Infinity) > from + slack);
}

/** True if an incident has the check of a date. */
export const hasIncident = (marks: readonly IncidentMark[], date: number): boolean =>
  marks.some(({ from, until }) => from <= date + SLACK && (until ?? Infinity) > date);

/** How many checks of a part failed, as far as its mean and its lowest status tell. */
export function failedIn({ uptime, lowest, count: samples }: SpanPart): number {
  if (uptime === null || lowest === null || lowest >= 1) return 0;
  return Math.max(1, Math.round((samples * (1 - uptime)) / (1 - lowest)));
}

/** What is said of such checks, with the cause of one of them if it is known. */
export function unconfirmedSaid(failed: number, cause: string | null): string {
  const said = `${count(failed, "failed check")}, not confirmed`;
  return cause === null || cause === "" ? said : `${said}: ${cause}`;
}
