/** The overview of all paths: where each bubble is, and the rows of the table beside it. */
import type { OverviewPath } from "../wire/wire";

/** A bubble of the overview. Its place and size are shares of the picture, from 0 to 1. */
export interface Bubble {
  path: OverviewPath;
  x: number;
  /** 0 for a path that was always down, 1 for one that was always up. */
  y: number;
  /** 0 for a steady path, 1 for the largest possible deviation. */
  size: number;
  /** The number of trees above the path. */
  depth: number;
}

/** The largest standard deviation of values from 0 to 1. */
const LARGEST = 0.5;

/** The bubbles of the paths with a known status, in their order from left to right. */
export function bubblesOf(paths: readonly OverviewPath[]): Bubble[] {
  const known = paths.filter(({ uptime }) => uptime !== null);
  return known.map((path, at) => ({
    path,
    x: (at + 0.5) / known.length,
    y: path.uptime ?? 0,
    size: Math.min(1, (path.deviation ?? 0) / LARGEST),
    depth: path.path.split("/").length - 2,
  }));
}

/** The paths, the least up first, those of which nothing is known last. */
export function worstFirst(paths: readonly OverviewPath[]): OverviewPath[] {
  return [...paths].sort(
    (a, b) => (a.uptime ?? 2) - (b.uptime ?? 2) || a.path.localeCompare(b.path, "en"),
  );
}
