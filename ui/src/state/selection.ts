/** Several chosen rows of the tree. */
import type { Row } from "../wire/wire";
import type { Line } from "./tree";

/** The paths of the lines from one path to another, both included, in either order. */
export function rangeBetween(lines: readonly Line[], from: string, to: string): Set<string> {
  const at = (path: string): number => lines.findIndex(({ row }) => row.path === path);
  const [a, b] = [at(from), at(to)];
  if (a === -1 || b === -1) return new Set([to]);
  const range = lines.slice(Math.min(a, b), Math.max(a, b) + 1);
  return new Set(range.map(({ row }) => row.path));
}

/**
 * The visible rows that are chosen, from top to bottom: the marked ones, or the selected row if none
 * is marked. What is marked and hidden is not chosen, because nobody sees what happens to it.
 */
export function chosenOf(
  lines: readonly Line[],
  marked: ReadonlySet<string>,
  selected: string | null,
): Row[] {
  const isChosen = (path: string): boolean =>
    marked.size === 0 ? path === selected : marked.has(path);
  return lines.flatMap(({ row }) => (isChosen(row.path) ? [row] : []));
}
