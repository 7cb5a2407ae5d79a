/** The tree as the panel shows it: its rows, the closed subtrees, the filter and the selection. */
import type { Row, RowsChanged, Tree } from "../wire/wire";
import { recallPaths, remember } from "./memory";
import { ancestorsOf, applyRows, initiallyClosed, isFiltering, layOut } from "./tree";

/** The key under which the paths of the closed subtrees are stored. */
const CLOSED = "closed";

export class TreeState {
  rows = $state.raw<readonly Row[]>([]);
  /** The paths of the subtrees that are closed. */
  closed = $state.raw<ReadonlySet<string>>(new Set());
  /** The text of the filter. */
  text = $state("");
  /** True while the filter leaves out what is up. */
  notUp = $state(false);
  /** The path of the row that has the keyboard focus and whose details are shown. */
  selected = $state<string | null>(null);
  /** A counter that grows whenever the selected row must be scrolled into view. */
  reveals = $state(0);

  lines = $derived(layOut(this.rows, this.closed, { text: this.text, notUp: this.notUp }));
  filtering = $derived(isFiltering({ text: this.text, notUp: this.notUp }));
  root = $derived(this.rows[0] ?? null);

  /** The number of the tree's shape as the wire counts it; -1 before the first tree. */
  #shape = -1;
  #ids = new Map<string, number>();

  /** The current row of a path. */
  row(path: string | null): Row | null {
    const id = path === null ? undefined : this.#ids.get(path);
    return id === undefined ? null : (this.rows[id] ?? null);
  }

  /**
   * Takes over a whole tree. The selection, the closed subtrees and the filter are kept by path.
   * False if the selected row is gone and the root was selected in its place.
   */
  replace(tree: Tree): boolean {
    const first = this.#shape === -1;
    if (tree.shape !== this.#shape) {
      this.#ids = new Map(tree.rows.map((row) => [row.path, row.id]));
    }
    if (first) this.closed = recallPaths(CLOSED) ?? initiallyClosed(tree.rows);
    this.#shape = tree.shape;
    this.rows = tree.rows;
    if (this.row(this.selected) !== null) return true;
    this.selected = this.root?.path ?? null;
    return false;
  }

  /** Puts changed rows in place. False if they belong to another tree, which must be requested. */
  apply(changed: RowsChanged): boolean {
    const rows = applyRows(this.rows, this.#shape, changed);
    if (rows !== null) this.rows = rows;
    return rows !== null;
  }

  /** Selects a row and scrolls it into view. */
  select(path: string): void {
    this.selected = path;
    this.reveals += 1;
  }

  /** Selects a row, opens all subtrees above it, and clears the filter if that hides the row. */
  reveal(path: string): void {
    const closed = new Set(this.closed);
    for (const tree of ancestorsOf(path)) closed.delete(tree);
    this.#close(closed);
    if (!this.lines.some((line) => line.row.path === path)) this.clearFilter();
    this.select(path);
  }

  /** Opens or closes subtrees. */
  expand(paths: Iterable<string>, open: boolean): void {
    const closed = new Set(this.closed);
    for (const path of paths) {
      if (open) closed.delete(path);
      else closed.add(path);
    }
    this.#close(closed);
  }

  clearFilter(): void {
    this.text = "";
    this.notUp = false;
  }

  #close(closed: ReadonlySet<string>): void {
    this.closed = closed;
    remember(CLOSED, [...closed]);
  }
}
