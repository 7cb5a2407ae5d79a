/** Notes: which concern a path, and what people did with them. */
import { describe, expect, it, vi } from "vitest";

import { concerns, edited, NoteEdits } from "../src/state/notes.svelte";
import type { Note, NoteEdit } from "../src/wire/wire";

const note = (message: string, date: number, path: string | null = null): Note => ({
  message,
  date,
  path,
});
const add = (added: Note): NoteEdit => ({ removed: null, added });
const remove = (removed: Note): NoteEdit => ({ removed, added: null });

it("concerns its path, what is above it and what is below", () => {
  const check = (about: string | null, path: string, expected: boolean): void =>
    expect(concerns(note("n", 0, about), path), `${about} ${path}`).toBe(expected);
  check(null, "/R/a", true);
  check("/R/a", "/R/a", true);
  check("/R", "/R/a/b", true);
  check("/R/a/b", "/R", true);
  check("/R/a", "/R/ab", false);
  check("/R/ab", "/R/a", false);
});

it("the notes of a store get what people have done since", () => {
  const kept = [note("a", 1), note("b", 2, "/R/x")];
  const check = (edits: NoteEdit[], expected: string[]): void => {
    const after = edited(kept, edits, "/R/x", { from: 0, to: 10 });
    expect(after.map(({ message }) => message)).toEqual(expected);
  };
  check([], ["a", "b"]);
  check([add(note("a", 1.0004))], ["a", "b"]);
  check([add(note("a", 1, "/R"))], ["a", "a", "b"]);
  check([add(note("c", 1.5, "/R/x/y"))], ["a", "c", "b"]);
  check([add(note("c", 1.5, "/R/y"))], ["a", "b"]);
  check([add(note("c", 11))], ["a", "b"]);
  expect(edited([note("a", 1), note("a", 1)], [], "/R", { from: 0, to: 10 })).toHaveLength(1);
  check([remove(note("a", 1))], ["b"]);
  check([remove(note("a", 1, "/R"))], ["a", "b"]);
  check([{ removed: note("a", 1), added: note("A", 4) }], ["b", "A"]);
});

describe("what was done here", () => {
  const shown = (edits: NoteEdits, kept: Note[]): string[] =>
    edited(kept, edits.all, "/R", { from: 0, to: 10 }).map(({ message }) => message);
  const [first, second] = [note("frist", 1), note("first", 1)];

  it("is shown at once, and once", () => {
    const edits = new NoteEdits();
    edits.add(add(first));
    expect(shown(edits, [])).toEqual(["frist"]);
    edits.tell([add(first)], 1);
    expect(shown(edits, [])).toEqual(["frist"]);
    expect(edits.all).toHaveLength(1);
  });

  it("is forgotten when the history tells it, so that others may undo it", () => {
    const edits = new NoteEdits();
    edits.add({ removed: first, added: second });
    expect(shown(edits, [first])).toEqual(["first"]);
    edits.tell([remove(first), add(second)], 1);
    edits.tell([remove(first), remove(second)], 1);
    expect(shown(edits, [first])).toEqual([]);
  });

  it("stays when it is no longer told, until the notes are read again", () => {
    const edits = new NoteEdits();
    edits.tell([add(first)], 1);
    edits.tell([], 1);
    expect(shown(edits, [])).toEqual(["frist"]);
    edits.tell([], 2);
    expect(shown(edits, [])).toEqual([]);
  });

  it("is forgotten after a while, even if the history tells it a little differently", () => {
    vi.useFakeTimers({ now: 0 });
    const edits = new NoteEdits();
    edits.add(add(note("a  b", 1)));
    edits.tell([add(note("a b", 1))], 1);
    vi.setSystemTime(11_000);
    edits.tell([add(note("a b", 1))], 1);
    vi.useRealTimers();
    expect(shown(edits, [])).toEqual(["a b"]);
  });

  it("may be undone before the history tells of it", () => {
    const edits = new NoteEdits();
    edits.add({ removed: first, added: second });
    edits.add({ removed: second, added: first });
    expect(shown(edits, [first])).toEqual(["frist"]);
    edits.tell([remove(second), add(first)], 1);
    expect(shown(edits, [first])).toEqual(["frist"]);
    expect(edits.all).toHaveLength(2);
  });
});
