/** The overview of all paths: where each bubble is, and the rows of the table beside it. */
import type { OverviewPath } from "../wire/wire";

/** A bubble of the overview. Its place and size are shares of the picture, from 0 to 1. */
export interface Bubble {
  path: OverviewPath;
  x: number;
  /** The place of the uptime on the scale: 0 for one that was always down, 1 for one always up. */
  y: number;
  /** 0 for a steady path, 1 for the largest possible deviation. */
  size: number;
  /** The number of trees above the path. */
  depth: number;
  /** True if the path was watched for little of the span. */
  isLittle: boolean;
}

/** The largest standard deviation of values from 0 to 1. */
const LARGEST = 0.5;
/** So many nines the scale tells apart, and the place of 100 % above them. */
const [NINES, WHOLE] = [4, 4.5];

/** The uptimes at which the scale has marks. */
export const HEIGHT_MARKS: readonly number[] = [0, 0.9, 0.99, 0.999, 1];

/**
 * The place of an uptime on a scale by nines, from 0 to 1: 90 %, 99 % and 99.9 % are equally far apart,
 * so that what matters near 100 % can be seen.
 */
export function placeOnNines(uptime: number): number {
  return (uptime >= 1 ? WHOLE : Math.min(NINES, -Math.log10(1 - Math.max(0, uptime)))) / WHOLE;
}

/** The bubbles of the paths with a known status, in their order from left to right. */
export function bubblesOf(
  paths: readonly OverviewPath[],
  little: ReadonlyMap<string, string>,
): Bubble[] {
  const known = paths.filter(({ uptime }) => uptime !== null);
  return known.map((path, at) => ({
    path,
    x: (at + 0.5) / known.length,
    y: placeOnNines(path.uptime ?? 0),
    size: Math.min(1, (path.deviation ?? 0) / LARGEST),
    depth: path.path.split("/").length - 2,
    isLittle: little.has(path.path),
  }));
}

/**
 * The place of a path among others, the smallest first: by its uptime. Those that were watched for little
 * of the span come behind all others whose uptime is known, and those of which nothing is known last.
 */
export function rankOf(
  { path, uptime }: OverviewPath,
  little: ReadonlyMap<string, string>,
): number {
  return uptime === null ? 4 : (little.has(path) ? 2 : 0) + uptime;
}

/** The paths by their ranks, the least up first. */
export function worstFirst(
  paths: readonly OverviewPath[],
  little: ReadonlyMap<string, string>,
): OverviewPath[] {
  const rank = (path: OverviewPath): number => rankOf(path, little);
  return [...paths].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path, "en"));
}

/** The most bubbles with a name. */
const MOST_NAMES = 6;

/** The bubbles whose names are shown: the least up of those that were watched. */
export function namedOf(bubbles: readonly Bubble[]): Bubble[] {
  const fallen = bubbles.filter(({ path, isLittle }) => !isLittle && (path.uptime ?? 1) < 1);
  return fallen.sort((a, b) => a.y - b.y).slice(0, MOST_NAMES);
}
