/** The controls and maintenance in force for a source, as texts, and how each is undone; and that it
 * flaps, which is marked in the same place. */
import type { Control, ControlSpan, InForce, Row } from "../wire/wire";
import { count, day, moment } from "./format";
import { isUp } from "./status";

/** The icons of controls, which differ in shape. */
export type MarkIcon = "flapping" | "pause" | "maintenance" | "snooze" | "acknowledge";

/** One control that is in force for a row, or that it flaps. */
export interface Mark {
  icon: MarkIcon;
  /** The text, such as `snoozed until 15:30`. */
  text: string;
  /** The text without its end, if the row of the tree it belongs to shows the end. */
  short: string;
  /** The note that was given with it. */
  note: string | null;
  /** The control that undoes it; `null` if it cannot be undone here. */
  undo: Control | null;
  /** The label of undoLabel it. */
  undoLabel: string;
  /** The tree above that it was given for; `null` if it was given for this row. */
  from: string | null;
}

/** The choices for the length of a snooze. */
export const SPANS: readonly { label: string; span: ControlSpan }[] = [
  { label: "15 min", span: { for: "minutes", minutes: 15 } },
  { label: "1 h", span: { for: "minutes", minutes: 60 } },
  { label: "Tomorrow 9:00", span: { for: "tomorrow" } },
];

const two = (value: number): string => String(value).padStart(2, "0");

/** An end such as `15:30`, `tomorrow 09:00` or `2026-12-01 09:00`, in local time. */
export function untilOf(date: number, now: number): string {
  const at = new Date(date * 1000);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (day(date) === day(now)) return time;
  const next = new Date(now * 1000);
  next.setDate(next.getDate() + 1);
  return day(date) === day(next.getTime() / 1000) ? `tomorrow ${time}` : `${day(date)} ${time}`;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** That a row flaps, and the controls in force for it, the strongest first. */
export function marksOf(
  { standing, path, flapping }: Pick<Row, "standing" | "path" | "flapping">,
  now: number,
): Mark[] {
  const marks: Mark[] = [];
  if (flapping !== null) {
    const short = `flapping since ${moment(flapping.since, now)}`;
    const often = count(flapping.changes, "change");
    marks.push({
      icon: "flapping",
      text: `${short}: ${often} in the last ${count(flapping.results, "result")}`,
      short,
      note: null,
      undo: null,
      undoLabel: "",
      from: null,
    });
  }
  if (standing === null) return marks;
  const add = (
    icon: MarkIcon,
    word: string,
    given: InForce | null,
    undo: Control,
    undoLabel: string,
  ): void => {
    if (given === null) return;
    const own = given.path === path;
    const until = given.until === null ? "" : ` until ${untilOf(given.until, now)}`;
    const whose = `${word}${own ? "" : ` with ${nameOf(given.path)}`}`;
    marks.push({
      icon,
      text: whose + until,
      short: own ? whose + until : whose,
      note: given.note,
      undo: own ? undo : null,
      undoLabel,
      from: own ? null : given.path,
    });
  };
  add("pause", "paused", standing.paused, { do: "resume", path }, "Resume");
  if (standing.maintenance !== null) {
    const text = `under maintenance until ${untilOf(standing.maintenance, now)}`;
    marks.push({
      icon: "maintenance",
      text,
      short: text,
      note: null,
      undo: null,
      undoLabel: "",
      from: null,
    });
  }
  add("snooze", "snoozed", standing.snoozed, { do: "unsnooze", path }, "End snooze");
  const { acknowledged } = standing;
  add("acknowledge", "acknowledged", acknowledged, { do: "unacknowledge", path }, "Take back");
  return marks;
}

/** True if the row has an outage that can be acknowledged. */
export function canAcknowledge(row: Pick<Row, "hold" | "level" | "waiting" | "standing">): boolean {
  const known = row.standing?.acknowledged ?? null;
  return row.hold === null && !row.waiting && !isUp(row.level) && known === null;
}
