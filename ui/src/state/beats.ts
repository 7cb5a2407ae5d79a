/** The beats bar: the last levels as small bars, told apart by height and place as well as colour. */
import { toneOf } from "./statusStyle";
import type { Tone } from "./statusStyle";

/** From one bar to the next, and how wide a bar is; pixels. */
export const PITCH = 3;
export const WIDTH = 2;
/** The bar's whole height, pixels. */
export const HEIGHT = 14;

/**
 * Top and height of each level's bar. Good ones stand at the top and bad ones hang at the bottom,
 * so that an outage is a dip in the line that needs no colour to be seen.
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
  /** The path's `d`. */
  d: string;
}

/** One path a colour, oldest beat left; places without a beat yet hold a dot. */
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
