/** The tree as the panel shows it: its rows, the closed subtrees, the filter and the selection. */
import type { Row, RowsChanged, Tree } from "../wire/wire";
import { Folds } from "./folds";
import { recall, remember } from "./memory";
import { renamesOf } from "./renames";
import { chosenOf, rangeBetween } from "./selection";
import { ancestorsOf, applyRows, isFiltering, layOut, neighbourOf } from "./tree";

/** The key under which the order of the rows is stored. */
const WORST_FIRST = "worst-first";

export class TreeState {
  rows = $state.raw<readonly Row[]>([]);
  /** The paths of the subtrees that are closed. */
  closed = $state.raw<ReadonlySet<string>>(new Set());
  /** The text of the filter. */
  text = $state("");
  /** True while the filter leaves out what is up. */
  notUp = $state(false);
  /** True while the worst rows come first, and false for the order of the configuration. */
  worstFirst = $state(recall(WORST_FIRST) === true);
  /** The path of the row that has the keyboard focus and whose details are shown. */
  selected = $state<string | null>(null);
  /** A number that changes with the selected row, but not when that row is renamed. */
  selectedKey = $state(0);
  /** The paths of several chosen rows; empty while only the selected row is chosen. */
  marked = $state.raw<ReadonlySet<string>>(new Set());
  /** A counter that grows whenever the selected row must be scrolled into view. */
  reveals = $state(0);

  lines = $derived(
    layOut(this.rows, this.closed, { text: this.text, notUp: this.notUp }, this.worstFirst),
  );
  filtering = $derived(isFiltering({ text: this.text, notUp: this.notUp }));
  root = $derived(this.rows[0] ?? null);
  /** The visible rows that the next action concerns, from top to bottom. */
  chosen = $derived(chosenOf(this.lines, this.marked, this.selected));

  /** The number of the tree's shape as the wire counts it; -1 before the first tree. */
  #shape = -1;
  #ids = new Map<string, number>();
  readonly #folds = new Folds();
  /** The path at which a range of chosen rows begins. */
  #anchor: string | null = null;

  /** The current row of a path. */
  row(path: string | null): Row | null {
    const id = path === null ? undefined : this.#ids.get(path);
    return id === undefined ? null : (this.rows[id] ?? null);
  }

  /**
   * Takes over a whole tree. The selection, the marks and the closed subtrees are kept by path, and
   * follow a row that was renamed.
   * False if the selected row is gone and a neighbour was selected in its place.
   */
  replace(tree: Tree): boolean {
    if (tree.shape !== this.#shape) this.#reshape(tree.rows);
    const before = this.rows;
    this.#shape = tree.shape;
    this.rows = tree.rows;
    const kept = [...this.marked].filter((path) => this.row(path) !== null);
    if (kept.length < this.marked.size) this.marked = new Set(kept);
    if (this.row(this.selected) !== null) return true;
    const isThere = (path: string): boolean => this.row(path) !== null;
    const next = this.selected === null ? null : neighbourOf(before, this.selected, isThere);
    this.selected = next ?? this.root?.path ?? null;
    this.selectedKey += 1;
    return false;
  }

  /** Numbers the rows of a tree of another shape, and follows those that were renamed. */
  #reshape(rows: readonly Row[]): void {
    const renamed = renamesOf(this.rows, rows);
    const follow = (path: string): string => renamed.get(path) ?? path;
    const wasThere = new Set([...this.#ids.keys()].map(follow));
    this.#ids = new Map(rows.map((row) => [row.path, row.id]));
    this.#folds.rename(renamed);
    const closed = new Set([...this.closed].map(follow));
    this.closed = this.#folds.closedIn(rows, closed, (path) => wasThere.has(path));
    if (this.marked.size > 0) this.marked = new Set([...this.marked].map(follow));
    if (this.selected !== null) this.selected = follow(this.selected);
    if (this.#anchor !== null) this.#anchor = follow(this.#anchor);
  }

  /** Puts changed rows in place. False if they belong to another tree, which must be requested. */
  apply(changed: RowsChanged): boolean {
    const rows = applyRows(this.rows, this.#shape, changed);
    if (rows !== null) this.rows = rows;
    return rows !== null;
  }

  /** Selects a row alone and scrolls it into view. */
  select(path: string): void {
    this.unmark();
    this.#anchor = path;
    this.#goTo(path);
  }

  /** Chooses all rows from the last one that was selected alone to this one, and selects this one. */
  extend(path: string): void {
    this.marked = rangeBetween(this.lines, this.#anchor ?? this.selected ?? path, path);
    this.#goTo(path);
  }

  /**
   * Adds a row to the chosen ones or takes it out, and selects it. The row that is selected at the
   * start is none that a person chose.
   */
  toggle(path: string): void {
    const chosen = this.#anchor === null ? [] : this.chosen;
    const marked = new Set(chosen.map((row) => row.path));
    if (!marked.delete(path)) marked.add(path);
    this.marked = marked;
    this.#anchor = path;
    this.#goTo(path);
  }

  /** Chooses all visible rows. */
  markAll(): void {
    this.marked = new Set(this.lines.map(({ row }) => row.path));
  }

  /** Chooses only the selected row. */
  unmark(): void {
    if (this.marked.size > 0) this.marked = new Set();
  }

  #goTo(path: string): void {
    if (path !== this.selected) this.selectedKey += 1;
    this.selected = path;
    this.reveals += 1;
  }

  /** Selects a row, opens all subtrees above it, and clears the filter if that hides the row. */
  reveal(path: string): void {
    const hiding = ancestorsOf(path).filter((tree) => this.closed.has(tree));
    if (hiding.length > 0) this.expand(hiding, true);
    if (!this.lines.some((line) => line.row.path === path)) this.clearFilter();
    this.select(path);
  }

  /** Opens or closes subtrees. */
  expand(paths: readonly string[], open: boolean): void {
    const closed = new Set(this.closed);
    for (const path of paths) {
      if (open) closed.delete(path);
      else closed.add(path);
    }
    this.closed = closed;
    this.#folds.set(paths, open);
  }

  /** Shows the worst first, or the order of the configuration. */
  sort(worstFirst: boolean): void {
    this.worstFirst = worstFirst;
    remember(WORST_FIRST, worstFirst);
  }

  clearFilter(): void {
    this.text = "";
    this.notUp = false;
  }
}
