/** Finds the rows that have other names in a new tree, so that they keep what belongs to them. */
import type { Row } from "../wire/wire";

/**
 * The new paths of rows by their former ones, for those whose path is another one now. Rows of the
 * same tree are the same if they have the same name. A row with a new name is the one that stood in
 * its place, if that one is gone, is of the same type, and the tree has as many rows as before: a
 * source that was renamed looks like this. What is below a row follows it.
 */
export function renamesOf(before: readonly Row[], now: readonly Row[]): Map<string, string> {
  const [formerBelow, newBelow] = [byParent(before), byParent(now)];
  const renamed = new Map<string, string>();
  const open: [number | null, number | null][] = [[null, null]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [former, fresh] = [formerBelow.get(pair[0]) ?? [], newBelow.get(pair[1]) ?? []];
    const byName = new Map(former.map((row) => [row.name, row]));
    const names = new Set(fresh.map((row) => row.name));
    for (const [place, row] of fresh.entries()) {
      const inPlace = former.length === fresh.length ? former[place] : undefined;
      const isGone = inPlace !== undefined && !names.has(inPlace.name);
      const was = byName.get(row.name) ?? (isGone && inPlace.kind === row.kind ? inPlace : null);
      if (was === null) continue;
      if (was.path !== row.path) renamed.set(was.path, row.path);
      open.push([was.id, row.id]);
    }
  }
  return renamed;
}

/** The rows of each tree, in their order. */
function byParent(rows: readonly Row[]): Map<number | null, Row[]> {
  const children = new Map<number | null, Row[]>();
  for (const row of rows) {
    const siblings = children.get(row.parent);
    if (siblings === undefined) children.set(row.parent, [row]);
    else siblings.push(row);
  }
  return children;
}
