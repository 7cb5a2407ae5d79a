import { describe, expect, it } from "vitest";

import { layOut } from "../src/state/tree";
import { keyMove, TypeAhead } from "../src/state/keyboard";
import { rowsOf } from "./rows";

/** 0 Root, 1 Shop (open), 2 Checkout, 3 Search, 4 Office (closed), 5 Later */
const LINES = layOut(
  rowsOf("Root\n  Shop\n    Checkout\n    Search\n  Office\n    Router\n  Later"),
  new Set(["/Root/Office"]),
  { text: "", notUp: false },
);

describe("keys", () => {
  it.each<[string, number, string]>([
    ["ArrowDown", 0, "select 1"],
    ["ArrowDown", 5, "select 5"],
    ["ArrowUp", 0, "select 0"],
    ["ArrowUp", 3, "select 2"],
    ["Home", 4, "select 0"],
    ["End", 1, "select 5"],
    ["PageDown", 1, "select 4"],
    ["PageDown", 4, "select 5"],
    ["PageUp", 2, "select 0"],
    ["ArrowRight", 4, "expand 4"],
    ["ArrowRight", 1, "select 2"],
    ["ArrowRight", 2, "nothing"],
    ["ArrowLeft", 1, "collapse 1"],
    ["ArrowLeft", 3, "select 1"],
    ["ArrowLeft", 4, "select 0"],
    ["ArrowLeft", 0, "collapse 0"],
    ["*", 4, "expand-siblings 4"],
    ["Enter", 2, "open 2"],
    [" ", 1, "collapse 1"],
    [" ", 4, "expand 4"],
    [" ", 2, "open 2"],
    ["/", 2, "filter"],
    ["Escape", 2, "leave"],
    ["Tab", 2, "nothing"],
    ["F5", 2, "nothing"],
  ])("%s on line %i: %s", (key, at, expected) => {
    const move = keyMove(key, LINES, at, 3);
    const said = move === null ? "nothing" : "index" in move ? `${move.do} ${move.index}` : move.do;
    expect(said).toBe(expected);
  });

  it("leave an empty tree by Escape and / only", () => {
    expect(keyMove("ArrowDown", [], 0, 3)).toBeNull();
    expect(keyMove("Escape", [], 0, 3)).toEqual({ do: "leave" });
  });
});

describe("typing ahead", () => {
  /** `keys` are letters, with a dot for a long pause. */
  it.each<[string, number, (number | null)[]]>([
    ["s", 0, [1]],
    ["ss", 0, [1, 3]],
    ["se", 0, [1, 3]],
    ["S", 3, [1]],
    ["x", 0, [null]],
    ["l.s", 0, [5, 1]],
    ["sx", 0, [1, null]],
    [" ", 0, [null]],
  ])("%s from line %i", (keys, from, expected) => {
    const typing = new TypeAhead();
    let [at, time] = [from, 0];
    const found = [];
    for (const key of keys) {
      time += key === "." ? 5000 : 100;
      if (key === ".") continue;
      const index = typing.press(key, LINES, at, time);
      found.push(index);
      at = index ?? at;
    }
    expect(found).toEqual(expected);
  });
});
