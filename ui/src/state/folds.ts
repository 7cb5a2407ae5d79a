/** The subtrees that a person opened and closed, and what that makes of the tree. */
import { recall, rememberNewest } from "./memory";
import { initiallyClosed } from "./tree";
import type { Row } from "../wire/wire";

/** The name under which they are stored: pairs of a path and whether it is open, the newest last. */
const FOLDS = "folds";

export class Folds {
  /** Whether a subtree is open, by its path. The newest choice is the last. */
  #open = new Map<string, boolean>(recallPairs());

  /** Stores that a person opened or closed subtrees. */
  set(paths: readonly string[], open: boolean): void {
    for (const path of paths) {
      this.#open.delete(path);
      this.#open.set(path, open);
    }
    rememberNewest(FOLDS, [...this.#open]);
  }

  /** Follows the subtrees that have other paths now, by the former path. */
  rename(renamed: ReadonlyMap<string, string>): void {
    if (![...this.#open.keys()].some((path) => renamed.has(path))) return;
    this.#open = new Map([...this.#open].map(([path, open]) => [renamed.get(path) ?? path, open]));
    rememberNewest(FOLDS, [...this.#open]);
  }

  /**
   * The paths of the subtrees that are closed. What a person has chosen counts; else a subtree that
   * was there before stays as it was, and a new one begins as in a tree of this size.
   */
  closedIn(
    rows: readonly Row[],
    closed: ReadonlySet<string>,
    wasThere: (path: string) => boolean,
  ): Set<string> {
    const atStart = initiallyClosed(rows);
    const trees = rows.filter((row) => row.below > 0);
    const isClosed = ({ path }: Row): boolean => {
      const open = this.#open.get(path);
      if (open !== undefined) return !open;
      return wasThere(path) ? closed.has(path) : atStart.has(path);
    };
    return new Set(trees.filter(isClosed).map((row) => row.path));
  }
}

function recallPairs(): [string, boolean][] {
  const value = recall(FOLDS);
  if (!Array.isArray(value)) return [];
  return value.filter(
    (pair): pair is [string, boolean] =>
      Array.isArray(pair) && typeof pair[0] === "string" && typeof pair[1] === "boolean",
  );
}
