import { expect, it } from "vitest";

import { searchOf } from "../src/state/incidentSearch";
import { lastingOf } from "../src/state/lasting";
import type { Row } from "../src/wire/wire";
import { rowsOf } from "./rows";

const since: Readonly<Record<string, number>> = { a: 100, b: 300, c: 200, d: 50 };
const rows = rowsOf("Root 0\n  Shop 0\n    a 0\n    b 0.5\n  Shopping\n    c 0\n    d 1").map(
  (row): Row => ({ ...row, since: since[row.name] ?? 10, beats: [4, row.level, row.level] }),
);

it.each([
  [null, ["b", "c", "a"]],
  ["/Root/Shop", ["b", "a"]],
  ["/Root/Shopping/c", ["c"]],
  ["/Root/none", []],
])("the sources below %j that are not up are told of, newest first", (below, expected) => {
  const told = lastingOf(rows, below, null);
  expect(told.map(({ path }) => path.split("/").at(-1))).toEqual(expected);
  expect(told.every(({ until }) => until === null)).toBe(true);
});

it("what is held, waits or has never changed is no incident", () => {
  const silent: Partial<Row>[] = [{ hold: "paused" }, { waiting: true }, { since: null }];
  for (const change of silent) {
    expect(
      lastingOf(
        rows.map((row) => ({ ...row, ...change })),
        null,
        null,
      ),
    ).toEqual([]);
  }
});

it.each<[(number | null)[], number]>([
  [[4, 0, 0], 3],
  [[0, null, 0], 3],
  [[4, 4, 0], 0],
  [[0], 0],
  [[], 0],
])("a failure that no other confirms is no incident: after %j there are %i", (beats, expected) => {
  const checked = rows.map((row) => ({ ...row, beats }));
  expect(lastingOf(checked, null, null)).toHaveLength(expected);
});

it.each([
  ["", "bca"],
  ["shopping", "c"],
  ["SHOP/b refused", "b"],
  ["refused a", "a"],
  ["ssl", ""],
  ["tag:db", "a"],
  ["tag:d", ""],
  ["is:down", "ca"],
  // The row does not know how long or how bad it was before.
  ["is:degraded", ""],
  ["is:degraded is:down", "bca"],
  [">5m", ""],
  ["shop <1h", ""],
])("those that %j asks for are %j", (text, expected) => {
  const tagged = rows.map((row) => ({
    ...row,
    tags: row.name === "a" ? ["DB"] : [],
    cause: { code: "refused", text: "Connection refused" },
  }));
  const told = lastingOf(tagged, null, searchOf(text));
  expect(told.map(({ path }) => path.split("/").at(-1)).join("")).toBe(expected);
});
