/** The notes of a view: those of the store, and what people have done since. */
import type { Note, NoteEdit } from "../wire/wire";

/** How far the dates of one note may differ between two stores, in seconds. */
const SAME = 1e-3;

/** True if two notes are one, as different stores have it. */
export function isSame(a: Note, b: Note): boolean {
  return a.message === b.message && a.path === b.path && Math.abs(a.date - b.date) < SAME;
}

const isAtOrBelow = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}/`);

/** True if the history of a path shows the note. */
export function concerns(note: Note, path: string): boolean {
  return note.path === null || isAtOrBelow(note.path, path) || isAtOrBelow(path, note.path);
}

/** The notes after these edits, oldest first. Only what concerns the path and the span is added. */
export function edited(
  notes: readonly Note[],
  edits: readonly NoteEdit[],
  path: string,
  span: { from: number; to: number },
): Note[] {
  // Several agents may have written the same note.
  let left = notes.filter((note, at) => !notes.slice(0, at).some((other) => isSame(other, note)));
  for (const { removed, added } of edits) {
    if (removed !== null) left = left.filter((note) => !isSame(note, removed));
    if (added === null || !concerns(added, path)) continue;
    if (added.date < span.from || added.date > span.to) continue;
    if (!left.some((note) => isSame(note, added))) left.push(added);
  }
  return left.sort((a, b) => a.date - b.date);
}

/** An edit as the two that it consists of: the history tells each for itself. */
function parts({ removed, added }: NoteEdit): NoteEdit[] {
  const gone = removed === null ? [] : [{ removed, added: null }];
  return added === null ? gone : [...gone, { removed: null, added }];
}

const isAbout = (edit: NoteEdit, note: Note): boolean =>
  [edit.removed, edit.added].some((other) => other !== null && isSame(other, note));

/** True if two edits of one note each are the same. */
const isEqual = (a: NoteEdit, b: NoteEdit): boolean =>
  (["removed", "added"] as const).every((key) => {
    const [one, other] = [a[key], b[key]];
    return one === null || other === null ? one === other : isSame(one, other);
  });

/** The edits that are about none of the notes of the others. */
const without = (edits: readonly NoteEdit[], others: readonly NoteEdit[]): NoteEdit[] =>
  edits.filter(
    (edit) =>
      !others.some((other) =>
        [other.removed, other.added].some((note) => note !== null && isAbout(edit, note)),
      ),
  );

/** The longest time until the history tells what was done here, in milliseconds. */
const UNTOLD = 10_000;

/** What people did with notes since the notes were read. */
export class NoteEdits {
  /** What the history tells, whoever did it, and has told since the notes were read. */
  #found = $state.raw<readonly NoteEdit[]>([]);
  /** What was done here and is not told yet: the history gathers writes. */
  #own = $state.raw<readonly NoteEdit[]>([]);
  /** When the last edit was done here, in milliseconds. */
  #ownSince = 0;
  /** The answer with the notes to which the edits apply. */
  #base: unknown = null;

  /** All edits, in the order in which they were done. */
  get all(): readonly NoteEdit[] {
    return [...this.#found, ...this.#own];
  }

  /** Takes what the history tells now. `base`: the answer with the notes to which it applies. */
  tell(edits: readonly NoteEdit[], base: unknown): void {
    // What is no longer told is in every store, but perhaps not among the notes that were read before.
    const former = base === this.#base ? without(this.#found, edits) : [];
    this.#base = base;
    const found = [...former, ...edits];
    // The same again is no reason to draw everything anew.
    if (JSON.stringify(found) !== JSON.stringify(this.#found)) this.#found = found;
    // The history may write a note a little differently, so that it never tells the same.
    const isLate = Date.now() - this.#ownSince > UNTOLD;
    const waits = isLate
      ? []
      : this.#own.filter((own) => !edits.some((edit) => isEqual(edit, own)));
    if (waits.length !== this.#own.length) this.#own = waits;
  }

  /** Takes what was done here. */
  add(edit: NoteEdit): void {
    const fresh = parts(edit);
    this.#own = [...without(this.#own, fresh), ...fresh];
    this.#ownSince = Date.now();
  }
}
