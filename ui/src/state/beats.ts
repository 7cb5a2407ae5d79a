/**
 * The heartbeat bar: the last levels as small bars that differ in height and position as well as
 * colour.
 */
import { isUp } from "./status";
import { toneOf } from "./statusStyle";
import type { Tone } from "./statusStyle";

/** The distance of the bars, and the width of a bar, in pixels. */
export const PITCH = 3;
export const WIDTH = 2;
/** The height of the whole heartbeat bar in pixels. */
export const HEIGHT = 14;

/**
 * The top and height of the bar of each level. Good levels are at the top and bad ones reach the
 * bottom, so that an outage is a visible dip even without colour.
 */
const BARS: readonly (readonly [number, number])[] = [
  [5, 9],
  [6, 6],
  [4, 6],
  [2, 6],
  [0, 9],
];
const UNKNOWN = [6, 2] as const;

export interface Stroke {
  tone: Tone | "empty";
  /** The attribute `d` of an SVG path. */
  d: string;
}

/** One path for each colour, the oldest beat on the left. Places without a beat get a dot. */
export function strokesOf(beats: readonly (number | null)[], places: number): Stroke[] {
  const shown = beats.slice(-places);
  const paths = new Map<Stroke["tone"], string>();
  const draw = (tone: Stroke["tone"], place: number, top: number, height: number): void => {
    const bar = `M${place * PITCH} ${top}h${WIDTH}v${height}h-${WIDTH}z`;
    paths.set(tone, (paths.get(tone) ?? "") + bar);
  };
  const empty = places - shown.length;
  for (let place = 0; place < empty; place += 1) draw("empty", place, 6, 2);
  for (const [index, level] of shown.entries()) {
    const [top, height] = level === null ? UNKNOWN : (BARS[level] ?? UNKNOWN);
    draw(toneOf(level), empty + index, top, height);
  }
  return [...paths].map(([tone, d]) => ({ tone, d }));
}

/**
 * The beat that is `x` pixels from the left edge of a bar of so many places, counted back from the
 * newest, which is 0; `null` where there is none or where it is not below up.
 */
export function fallenBeatAt(
  beats: readonly (number | null)[],
  places: number,
  x: number,
): number | null {
  const back = places - 1 - Math.floor(x / PITCH);
  const isThere = back >= 0 && back < Math.min(places, beats.length);
  return isThere && hasFallen(beats.at(-1 - back) ?? null) ? back : null;
}

/** The newest beat below up, counted back from the newest of all; `null` if there is none. */
export function newestFallenBeat(beats: readonly (number | null)[]): number | null {
  const back = [...beats].reverse().findIndex(hasFallen);
  return back < 0 ? null : back;
}

const hasFallen = (level: number | null): boolean => level !== null && !isUp(level);
