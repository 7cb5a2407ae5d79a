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
  let left = [...notes];
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

/** What people did with notes since the notes were read. */
export class NoteEdits {
  /** What the history tells, whoever did it. */
  #found = $state.raw<readonly NoteEdit[]>([]);
  /** What was done here and is not told yet: the history gathers writes. */
  #own = $state.raw<readonly NoteEdit[]>([]);

  /** All edits, in the order in which they were done. */
  get all(): readonly NoteEdit[] {
    return [...this.#found, ...this.#own];
  }

  /** Takes what the history tells now. */
  tell(edits: readonly NoteEdit[]): void {
    // The same again is no reason to draw everything anew.
    if (JSON.stringify(edits) !== JSON.stringify(this.#found)) this.#found = edits;
    const known = new Set(edits.map((edit) => JSON.stringify(edit)));
    const waits = this.#own.filter((edit) => !known.has(JSON.stringify(edit)));
    if (waits.length !== this.#own.length) this.#own = waits;
  }

  /** Takes what was done here. */
  add(edit: NoteEdit): void {
    const fresh = parts(edit);
    const notes = fresh.flatMap(({ removed, added }) => [removed, added]);
    const older = this.#own.filter(
      (own) => !notes.some((note) => note !== null && isAbout(own, note)),
    );
    this.#own = [...older, ...fresh];
  }
}
