import { describe, expect, it } from "vitest";

import { offsetsOf, rangeOf, reveal, rowAt } from "../src/state/virtualList";

const OFFSETS = offsetsOf([30, 46, 30, 30, 46]);

it("adds heights up", () => expect([...OFFSETS]).toEqual([0, 30, 76, 106, 136, 182]));

it.each([
  [-5, 0],
  [0, 0],
  [29, 0],
  [30, 1],
  [75, 1],
  [76, 2],
  [181, 4],
  [9999, 4],
])("at %i is row %i", (top, row) => expect(rowAt(OFFSETS, top)).toBe(row));

describe("the rows near what is seen", () => {
  it.each<[number, number, number, [number, number]]>([
    [0, 60, 0, [0, 2]],
    [35, 60, 0, [1, 3]],
    [35, 60, 1, [0, 4]],
    [170, 100, 0, [4, 5]],
    [0, 0, 0, [0, 1]],
  ])("from %i on, %i high, %i to spare", (top, height, spare, [first, end]) =>
    expect(rangeOf(OFFSETS, top, height, spare)).toEqual({ first, end }),
  );
  it("are none of an empty list", () =>
    expect(rangeOf(offsetsOf([]), 0, 100, 5)).toEqual({ first: 0, end: 0 }));
  it("are few of very many", () => {
    const offsets = offsetsOf(Array.from({ length: 100_000 }, () => 30));
    const { first, end } = rangeOf(offsets, 1_500_000, 600, 10);
    expect([first, end - first]).toEqual([49_990, 41]);
  });
});

it.each([
  [0, 50, 60, 0],
  [1, 0, 60, 16],
  [1, 20, 60, 20],
  [4, 0, 60, 122],
])("row %i seen from %i, %i high: scroll to %i", (row, top, height, expected) =>
  expect(reveal(OFFSETS, row, top, height)).toBe(expected),
);
