/** How much of a span a path was watched. An uptime of two minutes says little about a week. */
import type { OverviewPath, UptimeWindow } from "../wire/wire";
import { percent, span } from "./format";

/** From this share of a span on, an uptime is taken for that of the whole span. */
const WHOLE = 0.95;
/** Below this share of a span, an uptime is not compared with those of paths that were watched. */
const LITTLE = 0.25;
/** Below this share of a span, an uptime says nothing of it. */
const NOTHING = 0.01;

/** True if a path was watched for so little of a span that its uptime is not like others. */
export const isLittle = (watched: number, length: number): boolean => watched < LITTLE * length;

/** What is said beside an uptime, such as `of 3 min watched`; nothing if nearly all was watched. */
export function coverRemark(watched: number, length: number): string {
  return watched < WHOLE * length ? `of ${span(watched)} watched` : "";
}

/** Such as `8 min of 7 d watched`. */
export const coverText = (watched: number, length: number): string =>
  `${span(watched)} of ${span(length)} watched`;

/** How much was watched of the paths that were watched for little of a span, by path. */
export function littleOf(paths: readonly OverviewPath[], length: number): Map<string, string> {
  const little = paths.filter(({ watched }) => isLittle(watched, length));
  return new Map(little.map(({ path, watched }) => [path, coverText(watched, length)]));
}

/** The cell of a column of uptime. */
export interface UptimeCell {
  text: string;
  /** What is said beside the text, for whoever points at it or hears it. */
  cover: string;
  /** True if the uptime speaks of a small part of the window only. */
  isLittle: boolean;
}

export function uptimeCell({ uptime, seconds, watched }: UptimeWindow): UptimeCell {
  if (uptime === null) return { text: "—", cover: "not watched", isLittle: true };
  const cover = coverRemark(watched, seconds);
  return watched < NOTHING * seconds
    ? { text: "—", cover: `only ${span(watched)} watched`, isLittle: true }
    : { text: percent(uptime), cover, isLittle: isLittle(watched, seconds) };
}
