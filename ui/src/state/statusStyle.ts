/** How a row looks: a colour family and a shape for each status. */
import type { Row } from "../wire/wire";
import { isOutage, isUp } from "./status";

/** The colour families, which are also CSS classes. */
export type Tone = "up" | "partly" | "down" | "none";

/** The shapes, which differ without colour. */
export type Shape =
  | "up"
  | "mostly-up"
  | "half"
  | "mostly-down"
  | "down"
  | "unknown"
  | "waiting"
  | "paused"
  | "cut-off";

/** The colour of a level, the same as in the terminal: 0 and 1 red, 2 and 3 yellow, 4 green. */
export function toneOf(level: number | null): Tone {
  if (level === null) return "none";
  if (isUp(level)) return "up";
  return isOutage(level) ? "down" : "partly";
}

const BY_LEVEL: readonly Shape[] = ["down", "mostly-down", "half", "mostly-up", "up"];

/** The shape for the status of a row. */
export function shapeOf(row: Pick<Row, "level" | "hold" | "waiting">): Shape {
  if (row.hold === "offline" || row.hold === "unreachable") return "cut-off";
  if (row.hold !== null) return "paused";
  if (row.waiting) return "waiting";
  if (row.level === null) return "unknown";
  return BY_LEVEL[Math.min(4, Math.max(0, row.level))] ?? "unknown";
}

const PLAIN = ["down", "mostly down", "half up", "mostly up", "up"] as const;

/** The plain word for a level, for places that have no row and therefore no word of the mood. */
export function plainWord(level: number | null): string {
  return level === null ? "unknown" : (PLAIN[level] ?? "unknown");
}
