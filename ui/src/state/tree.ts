/** The tree as rows: applying changes from the wire, and selecting the visible rows. */
import type { Row, RowsChanged } from "../wire/wire";
import { isNotUp } from "./status";

/** Which rows the person wants to see. */
export interface Filter {
  /** Words that the path must all contain, in upper or lower case. */
  text: string;
  /** True to show only what is not up. */
  notUp: boolean;
}

/** A visible row, with its position for screen readers. */
export interface Line {
  row: Row;
  /** The position among the visible siblings, from 1. */
  position: number;
  /** The number of visible siblings, including this one. */
  siblings: number;
  /** `null` for a row with nothing below it. */
  expanded: boolean | null;
}

/** A tree with more rows than this starts with its inner trees closed. */
export const MAX_OPEN_ROWS = 300;

/**
 * The rows with the changed ones replaced; `null` if they belong to different trees, so that the
 * whole tree must be requested.
 */
export function applyRows(rows: readonly Row[], shape: number, changed: RowsChanged): Row[] | null {
  if (changed.shape !== shape) return null;
  const fresh = rows.slice();
  for (const row of changed.rows) {
    if (fresh[row.id]?.path !== row.path) return null;
    fresh[row.id] = row;
  }
  return fresh;
}

/** True if the filter hides rows. */
export function isFiltering(filter: Filter): boolean {
  return filter.notUp || filter.text.trim() !== "";
}

/** The trees that are closed at the start. */
export function initiallyClosed(rows: readonly Row[]): Set<string> {
  if (rows.length <= MAX_OPEN_ROWS) return new Set();
  return new Set(rows.filter((row) => row.depth > 0 && row.below > 0).map((row) => row.path));
}

/** Marks the ids of the rows that pass the filter, and of all trees above them. */
function passing(rows: readonly Row[], filter: Filter): Uint8Array {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Uint8Array(rows.length);
  for (const row of rows) {
    if (filter.notUp && (row.below > 0 || !isNotUp(row))) continue;
    const path = row.path.toLowerCase();
    if (!words.every((word) => path.includes(word))) continue;
    let id: number | null = row.id;
    while (id !== null && seen[id] === 0) {
      seen[id] = 1;
      id = rows[id]?.parent ?? null;
    }
  }
  return seen;
}

/**
 * The visible rows in their own order. They are never sorted by status, so that nothing moves under
 * the pointer. While a filter is set, closed trees count as open.
 */
export function layOut(rows: readonly Row[], closed: ReadonlySet<string>, filter: Filter): Line[] {
  const filtering = isFiltering(filter);
  const seen = filtering ? passing(rows, filter) : null;
  const lines: Line[] = [];
  const counts = new Map<number | null, number>();
  for (let id = 0; id < rows.length; id += 1) {
    const row = rows[id];
    if (row === undefined) break;
    if (seen !== null && seen[id] === 0) continue;
    const position = (counts.get(row.parent) ?? 0) + 1;
    counts.set(row.parent, position);
    const expanded = row.below === 0 ? null : filtering || !closed.has(row.path);
    lines.push({ row, position, siblings: 0, expanded });
    if (expanded === false) id += row.below;
  }
  for (const line of lines) line.siblings = counts.get(line.row.parent) ?? 1;
  return lines;
}

/** The paths of the trees above a path, from the root down. */
export function ancestorsOf(path: string): string[] {
  const paths: string[] = [];
  for (let at = path.indexOf("/", 1); at !== -1; at = path.indexOf("/", at + 1)) {
    paths.push(path.slice(0, at));
  }
  return paths;
}

/** The leaves below a tree that are not up, in their order. */
export function failingLeaves(rows: readonly Row[], tree: Row): Row[] {
  return rows
    .slice(tree.id + 1, tree.id + 1 + tree.below)
    .filter((row) => row.below === 0 && isNotUp(row));
}

/** What a closed tree hides, in one line. Empty if all of it is up. */
export function summaryOfHidden(rows: readonly Row[], tree: Row): string {
  const bad = failingLeaves(rows, tree);
  if (bad.length === 0) return "";
  let leaves = 0;
  for (let id = tree.id + 1; id <= tree.id + tree.below; id += 1) {
    if (rows[id]?.below === 0) leaves += 1;
  }
  const names = bad.slice(0, 3).map((row) => row.name);
  return `${bad.length} of ${leaves} not up: ${names.join(", ")}${bad.length > 3 ? "…" : ""}`;
}
