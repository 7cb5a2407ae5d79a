/** Several sources beside each other: what each strip shows, and the marks of the common time. */
import type { PathBand, Row, SpanPart } from "../wire/wire";
import { percent } from "./format";
import { isOutage, isUp, levelOf } from "./status";
import { zone } from "./zone.svelte";

/** The most paths that are compared at once. */
export const MOST_BANDS = 100;

/** The size of a strip in its own units. */
export const STRIP = { width: 1000, height: 20 } as const;
/** The least height of what is not up, so that a short outage shows in a long time. */
const LEAST = 5;

/** The shapes of a strip as SVG paths: what was up rises from below, what was not hangs from above. */
export interface Strip {
  up: string;
  down: string;
  /** What was not up in a part without an outage. */
  partly: string;
  unknown: string;
}

export function stripOf(parts: readonly SpanPart[], from: number, to: number): Strip {
  const strip: Strip = { up: "", down: "", partly: "", unknown: "" };
  const place = (date: number): number =>
    Math.round(((Math.min(to, Math.max(from, date)) - from) / (to - from)) * STRIP.width * 10) / 10;
  for (const part of parts) {
    const [left, right] = [place(part.from), place(part.to)];
    const wide = Math.max(1.2, right - left);
    if (part.uptime === null) {
      strip.unknown += `M${left} ${STRIP.height / 2 - 1}h${wide}v2h${-wide}z`;
      continue;
    }
    const isWhole = part.uptime >= 1 && (part.lowest === null || isUp(levelOf(part.lowest)));
    const lack = (1 - part.uptime) * STRIP.height;
    const high = isWhole ? 0 : Math.round(Math.max(LEAST, lack) * 10) / 10;
    const kind = isOutage(levelOf(part.lowest ?? part.uptime)) ? "down" : "partly";
    if (high > 0) strip[kind] += `M${left} 0h${wide}v${high}h${-wide}z`;
    if (high < STRIP.height) {
      strip.up += `M${left} ${high}h${right - left}V${STRIP.height}h${left - right}z`;
    }
  }
  return strip;
}

/** The part at a date, or nearest to it within so many seconds, that was not wholly up. */
export function fallenNear(
  parts: readonly SpanPart[],
  date: number,
  near: number,
): SpanPart | null {
  const away = ({ from, to }: SpanPart): number => Math.max(0, from - date, date - to);
  const fallen = parts.filter((part) => part.uptime !== null && part.uptime < 1);
  const nearest = [...fallen].sort((a, b) => away(a) - away(b))[0];
  return nearest !== undefined && away(nearest) <= near ? nearest : null;
}

/** What a strip says in a sentence. */
export function stripSaid({ parts, uptime, error }: PathBand): string {
  if (error !== null) return error;
  if (parts.length === 0) return "nothing known";
  const bad = parts.filter((part) => part.uptime !== null && part.uptime < 1).length;
  return bad === 0
    ? `${percent(uptime)} up`
    : `${percent(uptime)} up, not wholly in ${bad} of ${parts.length} parts`;
}

const STEPS = [
  60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000, 7_776_000,
] as const;

/** Marks of time between two dates, at most so many, and how far apart they are. */
export function timeMarks(
  from: number,
  to: number,
  most: number,
): { apart: number; marks: number[] } {
  const apart = STEPS.find((step) => (to - from) / step <= most) ?? 31_536_000;
  const { year, month, date } = zone.parts(from);
  const marks: number[] = [];
  // From the midnight before on, so that marks stand at whole hours and days.
  for (let at = 0; marks.length <= most; at += 1) {
    const days = Math.floor((at * apart) / 86_400);
    const mark = zone.midnight(year, month, date + days) + ((at * apart) % 86_400);
    if (mark > to) break;
    if (mark >= from) marks.push(mark);
  }
  return { apart, marks };
}

/** The sources below a tree, those within other trees included. */
export const leavesBelow = (rows: readonly Row[], { path: tree }: Row): Row[] =>
  rows.filter(({ path, below }) => below === 0 && path.startsWith(`${tree}/`));

/** The name of a path for a person who sees the tree that it lies in. */
export function nameBelow(path: string, tree: string): string {
  return path.slice(tree.length + 1).replaceAll("/", " › ");
}

/** The rows whose path contains every word of a text, at most so many. */
export function findRows(rows: readonly Row[], text: string, most: number): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(({ path }) => {
    const lower = path.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
  return found.slice(0, most);
}
