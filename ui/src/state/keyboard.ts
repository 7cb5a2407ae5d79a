/** The keyboard of the tree, by the ARIA tree pattern, without a DOM. */
import type { Line } from "./tree";

/** The action of a key. */
export type Move =
  | { do: "select"; index: number }
  | { do: "expand" | "collapse"; index: number }
  | { do: "expand-siblings"; index: number }
  | { do: "open"; index: number }
  | { do: "undo"; index: number }
  | { do: "filter" }
  | { do: "leave" };

/** The index of the tree that contains a line; -1 for the root. */
function parentOf(lines: readonly Line[], index: number): number {
  const parent = lines[index]?.row.parent ?? null;
  if (parent === null) return -1;
  for (let at = index - 1; at >= 0; at -= 1) if (lines[at]?.row.id === parent) return at;
  return -1;
}

/**
 * The action of a key when the line `at` has the focus; `null` if the tree does not use the key.
 * `page` is the number of lines in a page.
 */
export function keyMove(
  key: string,
  lines: readonly Line[],
  at: number,
  page: number,
): Move | null {
  if (key === "/") return { do: "filter" };
  if (key === "Escape") return { do: "leave" };
  const line = lines[at];
  if (line === undefined) return null;
  const last = lines.length - 1;
  const select = (index: number): Move => ({
    do: "select",
    index: Math.min(last, Math.max(0, index)),
  });
  switch (key) {
    case "ArrowDown":
      return select(at + 1);
    case "ArrowUp":
      return select(at - 1);
    case "PageDown":
      return select(at + page);
    case "PageUp":
      return select(at - page);
    case "Home":
      return select(0);
    case "End":
      return select(last);
    case "ArrowRight":
      if (line.expanded === null) return null;
      return line.expanded ? select(at + 1) : { do: "expand", index: at };
    case "ArrowLeft": {
      if (line.expanded === true) return { do: "collapse", index: at };
      const parent = parentOf(lines, at);
      return parent < 0 ? null : select(parent);
    }
    case "*":
      return { do: "expand-siblings", index: at };
    case "Delete":
      return { do: "undo", index: at };
    case "Enter":
      return { do: "open", index: at };
    case " ":
      if (line.expanded === null) return { do: "open", index: at };
      return { do: line.expanded ? "collapse" : "expand", index: at };
    default:
      return null;
  }
}

/** How long after a letter the next one still belongs to the same word, in milliseconds. */
const PAUSE = 700;

/** Finds lines by the first letters of their names. */
export class TypeAhead {
  #typed = "";
  #last = -Infinity;

  /**
   * The line that the letter leads to, searched from `at` to the end and on from the start; `null`
   * if there is none.
   */
  press(key: string, lines: readonly Line[], at: number, now: number): number | null {
    if (key.length !== 1 || key === " ") return null;
    const letter = key.toLowerCase();
    const goesOn = now - this.#last < PAUSE;
    // The same letter repeatedly walks through the names that begin with it.
    const repeated = goesOn && this.#typed === letter;
    this.#typed = goesOn && !repeated ? this.#typed + letter : letter;
    this.#last = now;
    const start = this.#typed.length > 1 ? at : at + 1;
    for (let step = 0; step < lines.length; step += 1) {
      const index = (start + step) % lines.length;
      if (lines[index]?.row.name.toLowerCase().startsWith(this.#typed)) return index;
    }
    return null;
  }
}
