/** The tree as rows: applying changes from the wire, and selecting the visible rows. */
import type { Row, RowsChanged } from "../wire/wire";
import { isNotUp, isUp } from "./status";
import { hasWord } from "./tags";

/** Which rows the person wants to see. */
export interface Filter {
  /** Words that the row must all contain, in upper or lower case: in its path, type, cause, hold,
   * tags or controls. A word such as `tag:db` must be one of its tags. */
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

/** What the filter reads of a row, in lower case. */
export function textOf(row: Row): string {
  const { standing, cause } = row;
  const parts = [row.path, row.kind, row.word, row.hold ?? "", ...row.tags];
  if (cause !== null && !isUp(row.level)) parts.push(cause.code, cause.text);
  if (standing !== null) {
    if (standing.paused !== null) parts.push("paused", standing.paused.note ?? "");
    if (standing.maintenance !== null) parts.push("maintenance");
    if (standing.snoozed !== null) parts.push("snoozed", standing.snoozed.note ?? "");
    if (standing.acknowledged !== null) {
      parts.push("acknowledged", standing.acknowledged.note ?? "");
    }
  }
  return parts.join("\n").toLowerCase();
}

/** Marks the ids of the rows that pass the filter, and of all trees above them. */
function passing(rows: readonly Row[], filter: Filter): Uint8Array {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Uint8Array(rows.length);
  for (const row of rows) {
    if (filter.notUp && (row.kind === "tree" || !isNotUp(row))) continue;
    if (words.length > 0) {
      const text = textOf(row);
      if (!words.every((word) => hasWord(word, text, row.tags))) continue;
    }
    let id: number | null = row.id;
    while (id !== null && seen[id] === 0) {
      seen[id] = 1;
      id = rows[id]?.parent ?? null;
    }
  }
  return seen;
}

/** How urgent a source or component is: 0 for one that is down, 6 for one that is not scored. */
function rankOf(row: Row): number {
  if (row.hold !== null || row.waiting) return 6;
  if (row.level === null) return 4;
  return isUp(row.level) ? 5 : row.level;
}

/**
 * The ids of the rows in the order in which they are drawn: as they are configured, or the worst
 * first. A tree is as bad as the worst in it, a source with components as bad as itself or the worst
 * of these, and what is equally bad keeps its order.
 */
export function orderOf(rows: readonly Row[], worstFirst: boolean): number[] {
  const ids = rows.map((row) => row.id);
  if (!worstFirst) return ids;
  const ranks = rows.map((row) => (row.kind === "tree" ? 7 : rankOf(row)));
  const children = new Map<number | null, number[]>();
  for (const row of [...rows].reverse()) {
    const { id, parent } = row;
    if (parent !== null) ranks[parent] = Math.min(ranks[parent] ?? 7, ranks[id] ?? 7);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [id]);
    else siblings.push(id);
  }
  for (const siblings of children.values()) {
    siblings.reverse().sort((a, b) => (ranks[a] ?? 7) - (ranks[b] ?? 7));
  }
  const order: number[] = [];
  const open = [...(children.get(null) ?? [])].reverse();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    order.push(id);
    open.push(...[...(children.get(id) ?? [])].reverse());
  }
  return order;
}

/**
 * The visible rows, as they are configured or the worst first. As configured, nothing moves under
 * the pointer. While a filter is set, closed trees count as open.
 */
export function layOut(
  rows: readonly Row[],
  closed: ReadonlySet<string>,
  filter: Filter,
  worstFirst = false,
): Line[] {
  const filtering = isFiltering(filter);
  const seen = filtering ? passing(rows, filter) : null;
  const lines: Line[] = [];
  const counts = new Map<number | null, number>();
  const order = orderOf(rows, worstFirst);
  for (let at = 0; at < order.length; at += 1) {
    const id = order[at] ?? 0;
    const row = rows[id];
    if (row === undefined) break;
    if (seen !== null && seen[id] === 0) continue;
    const position = (counts.get(row.parent) ?? 0) + 1;
    counts.set(row.parent, position);
    const expanded = row.below === 0 ? null : filtering || !closed.has(row.path);
    lines.push({ row, position, siblings: 0, expanded });
    if (expanded === false) at += row.below;
  }
  for (const line of lines) line.siblings = counts.get(line.row.parent) ?? 1;
  return lines;
}

/**
 * The path that takes the place of one that is gone: the next row that is still there, else the one
 * before it.
 */
export function neighbourOf(
  before: readonly Row[],
  gone: string,
  isThere: (path: string) => boolean,
): string | null {
  const at = before.findIndex((row) => row.path === gone);
  if (at === -1) return null;
  const inTree = before[at]?.parent ?? null;
  const next = before.slice(at + 1).find((row) => row.parent === inTree && isThere(row.path));
  const last = before
    .slice(0, at)
    .filter((row) => isThere(row.path))
    .at(-1);
  return (next ?? last)?.path ?? null;
}

/** The paths of the trees above a path, from the root down. */
export function ancestorsOf(path: string): string[] {
  const paths: string[] = [];
  for (let at = path.indexOf("/", 1); at !== -1; at = path.indexOf("/", at + 1)) {
    paths.push(path.slice(0, at));
  }
  return paths;
}

/** The sources below a tree, or the components below a source, in their order. */
function countedBelow(rows: readonly Row[], tree: Row): Row[] {
  const below = rows.slice(tree.id + 1, tree.id + 1 + tree.below);
  const sources = below.filter((row) => row.counts);
  return sources.length > 0 ? sources : below.filter((row) => row.kind !== "tree");
}

/** The sources below a tree, or the components below a source, that are not up. */
export function failingBelow(rows: readonly Row[], tree: Row): Row[] {
  return countedBelow(rows, tree).filter(isNotUp);
}

/** What a closed tree hides, in one line. Empty if all of it is up. */
export function summaryOfHidden(rows: readonly Row[], tree: Row): string {
  const counted = countedBelow(rows, tree);
  const bad = counted.filter(isNotUp);
  if (bad.length === 0) return "";
  const names = bad.slice(0, 3).map((row) => row.name);
  return `${bad.length} of ${counted.length} not up: ${names.join(", ")}${bad.length > 3 ? "…" : ""}`;
}
