import { describe, expect, it } from "vitest";

import { FLAG, flagsOf } from "../src/state/flags";

const SPAN = { from: 0, to: 1000 };

describe("flags", () => {
  const check = (dates: number[], expected: number[][]): void => {
    const notes = dates.map((date) => ({ date, message: String(date), path: null }));
    const flags = flagsOf(notes, SPAN, 500);
    expect(flags.map((flag) => flag.notes.map(({ date }) => date))).toEqual(expected);
    for (const [index, flag] of flags.entries()) {
      expect(flag.left).toBeGreaterThanOrEqual(0);
      expect(flag.left + FLAG).toBeLessThanOrEqual(500);
      const next = flags[index + 1];
      if (next !== undefined) expect(next.left - flag.left).toBeGreaterThanOrEqual(FLAG);
    }
  };

  it("stand apart where there is room", () => {
    check([], []);
    check([100, 500], [[100], [500]]);
    check([100, 150, 151], [[100], [150, 151]]);
  });

  it("are gathered where they would overlap, and stay inside", () => {
    check([500, 101, 100, 102], [[100, 101, 102], [500]]);
    check([0, 1000], [[0], [1000]]);
    check([995, 999, 1000], [[995, 999, 1000]]);
    check([-1, 1001], []);
  });
});
