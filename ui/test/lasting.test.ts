import { expect, it } from "vitest";

import { lastingOf } from "../src/state/lasting";
import type { Row } from "../src/wire/wire";
import { rowsOf } from "./rows";

const since: Readonly<Record<string, number>> = { a: 100, b: 300, c: 200, d: 50 };
const rows = rowsOf("Root 0\n  Shop 0\n    a 0\n    b 0.5\n  Shopping\n    c 0\n    d 1").map(
  (row): Row => ({ ...row, since: since[row.name] ?? 10 }),
);

it.each([
  [null, ["b", "c", "a"]],
  ["/Root/Shop", ["b", "a"]],
  ["/Root/Shopping/c", ["c"]],
  ["/Root/none", []],
])("the sources below %j that are not up are told of, newest first", (below, expected) => {
  const told = lastingOf(rows, below);
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
      ),
    ).toEqual([]);
  }
});
