/** The row of the tree that Tab reaches, also after the selected row has left the visible ones. */
import { neighbourOf } from "./tree";
import type { Line } from "./tree";

/**
 * Remembers the row that Tab reaches. While the selected row is hidden, for example because it
 * recovered and a filter leaves out what is up, its neighbour stands in for it: the next row, else
 * the one before it. The details still show the selected row.
 */
export class TabStop {
  #lines: readonly Line[] = [];
  #path: string | null = null;

  /** The index of the row among these lines; 0 if nothing is known of where it was. */
  indexIn(lines: readonly Line[], selected: string | null): number {
    const indexOf = (path: string | null): number =>
      path === null ? -1 : lines.findIndex(({ row }) => row.path === path);
    let index = indexOf(selected);
    if (index === -1) index = indexOf(this.#path);
    if (index === -1 && this.#path !== null) {
      const there = new Set(lines.map(({ row }) => row.path));
      const before = this.#lines.map(({ row }) => row);
      index = indexOf(neighbourOf(before, this.#path, (path) => there.has(path)));
    }
    index = Math.max(0, index);
    this.#lines = lines;
    this.#path = lines[index]?.row.path ?? null;
    return index;
  }
}
