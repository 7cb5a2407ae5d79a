/** What a status level means. This is the only place that decides what counts as up. */
import type { Row } from "../wire/wire";

/** The level of a source that is wholly up; 0 is the level of one that is down. */
const UP = 4;
/** A level below this one is an outage. */
const HALF_UP = 2;

/** The level of a status, as Up's core computes it. */
export function levelOf(status: number | null): number | null {
  return status === null ? null : Math.min(UP, Math.max(0, Math.floor(status * UP)));
}

/** True if a level is known and wholly up. */
export function isUp(level: number | null): boolean {
  return level !== null && level >= UP;
}

/** True if a level is known and counts as an outage. */
export function isOutage(level: number | null): boolean {
  return level !== null && level < HALF_UP;
}

/** True if the row belongs among those that are not up. A row without a first result does not. */
export function isNotUp({ level, waiting }: Pick<Row, "level" | "waiting">): boolean {
  return level === null ? !waiting : !isUp(level);
}
