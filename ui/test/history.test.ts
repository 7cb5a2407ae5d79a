import { describe, expect, it } from "vitest";

import {
  axisLabel,
  ceilingOf,
  nearest,
  pauseUntilDue,
  spacingOf,
  stepsOf,
} from "../src/state/history";

/** As long as a sample stands, so that the last one of a run ends where the next would be. */
const APART = 300;

/** A history with a sample every 5 min: u up, h half, d down, ? unknown, space for none. */
function past(samples: string): {
  dates: number[];
  statuses: (number | null)[];
  durations: number[];
  gap: number;
  to: number;
} {
  const at = Array.from(samples, (mark, index) => ({ mark, date: index * APART }));
  const there = at.filter(({ mark }) => mark !== " ");
  const status: Record<string, number | null> = { u: 1, h: 0.5, d: 0, "?": null };
  return {
    dates: there.map(({ date }) => date),
    statuses: there.map(({ mark }) => status[mark] ?? null),
    durations: there.map((_, index) => 0.1 * (index + 1)),
    gap: 2.5 * APART,
    to: samples.length * APART,
  };
}

describe("steps", () => {
  it.each<[string, string[]]>([
    ["", []],
    ["u", ["0-1 1 x1"]],
    ["uuu", ["0-3 1 x3"]],
    ["uud", ["0-2 1 x2", "2-3 0 x1"]],
    ["u?u", ["0-1 1 x1", "1-2 null x1", "2-3 1 x1"]],
    ["uu  uu", ["0-2 1 x2", "4-6 1 x2"]],
    ["uu uu", ["0-5 1 x4"]],
  ])("of “%s”", (samples, expected) => {
    const steps = stepsOf(past(samples));
    expect(steps.map((s) => `${s.from / APART}-${s.to / APART} ${s.status} x${s.samples}`)).toEqual(
      expected,
    );
  });

  it("claim nothing beyond the end of what was asked for", () => {
    const steps = stepsOf({ ...past("uu"), to: 312 });
    expect(steps.at(-1)?.to).toBe(312);
  });
});

it.each<[string, number, number | null, number]>([
  ["of nothing", 0, null, 0.001],
  ["of durations that are alike", 0.2, 0.15, 0.216],
  ["of one timeout among quick checks", 10, 0.1, 0.15],
  ["without percentiles", 10, null, 10.8],
])("the scale of durations %s ends where it should", (_, longest, p99, expected) =>
  expect(ceilingOf(longest, p99)).toBeCloseTo(expected),
);

it.each<[number, number | null]>([
  [-20, 0],
  [-30, null],
  [4, 0],
  [6, 1],
  [32, 1],
  [100, 3],
  [300, null],
])("the sample nearest to %i is %s", (date, expected) =>
  expect(nearest([0, 10, 90, 100], date, 25)).toBe(expected),
);

it("finds how far apart samples usually are", () => {
  expect(spacingOf([0, 10, 20, 500, 510, 530], 25)).toBe(10);
  expect(spacingOf([0], 25)).toBe(25);
});

it("refreshes about as often as a pixel's worth of time passes", () => {
  const pauses = (isNew: boolean): number[] =>
    [3_600, 86_400, 2_592_000].map((seconds) => pauseUntilDue(seconds, 100, isNew));
  expect(pauses(true)).toEqual([5, 57.6, 300]);
  expect(pauses(false), "when nothing was checked").toEqual([30, 57.6, 300]);
});

it.each([
  [0, false, 1],
  [0, true, 1],
  [19, true, 1],
  [19, false, 5],
])("with %d samples, and a new one: %s, it refreshes after %d s", (samples, isNew, pause) =>
  expect(pauseUntilDue(86_400, samples, isNew)).toBe(pause),
);

it("labels the time axis", () => {
  const at = (hour: number, minute = 0): number =>
    new Date(2026, 10, 22, hour, minute).getTime() / 1000;
  expect(axisLabel(at(14, 30), 1800)).toBe("14:30");
  expect(axisLabel(at(0), 10_800)).toBe("22 Nov");
  expect(axisLabel(at(12), 86_400)).toBe("22 Nov");
});
