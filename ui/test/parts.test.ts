import { describe, expect, it } from "vitest";

import { durationsOf, partAt, stopsOf, tipOf } from "../src/state/parts";
import type { HistoryView, SpanPart } from "../src/wire/wire";
import { EMPTY_HISTORY } from "./stub";

/** A part of ten seconds. */
function part(from: number, more: Partial<SpanPart> = {}): SpanPart {
  const known = { uptime: 1, lowest: 1, highest: 1, count: 2, unknown: 0 };
  const took = { p50: 0.1, p95: 0.2, p99: 0.3, longest: 9 };
  return { from, to: from + 10, ...known, ...took, ...more };
}

describe("durations", () => {
  it("are the percentiles of each part, and end where there were no samples", () => {
    const parts = [part(0), part(10, { p50: null, count: 0 }), part(20), part(80)];
    const drawn = durationsOf(parts, 25);
    expect(drawn.dates).toEqual([5, 25, 55, 85]);
    expect(drawn.p50).toEqual([0.1, 0.1, null, 0.1]);
    expect(drawn.p95).toEqual([0.2, 0.2, null, 0.2]);
    expect(drawn.p99).toEqual([0.3, 0.3, null, 0.3]);
    expect(drawn.longest).toEqual([9, 9, null, 9]);
  });
  it("are none of nothing", () => expect(durationsOf([], 25).dates).toEqual([]));
});

it.each<[number, number | null]>([
  [-1, null],
  [0, 0],
  [9.9, 0],
  [10, 10],
  [25, null],
  [30, 30],
  [40, null],
])("the part at %f begins at %s", (date, expected) =>
  expect(partAt([part(0), part(10), part(30)], date)?.from ?? null).toBe(expected),
);

describe("what is said of a date", () => {
  const mark = { from: 12, until: 14, level: 0, cause: 0, count: 1 };
  const view: HistoryView = {
    ...EMPTY_HISTORY,
    dates: [0, 12],
    statuses: [1, 0],
    durations: [0.1, 3],
    causeOf: [null, 0],
    causes: ["HTTP 503"],
    parts: [part(0), part(10, { uptime: 0.8, lowest: 0 })],
    marks: [mark, { ...mark, from: 15, until: null }],
    gap: 25,
    to: 20,
  };

  it("is its sample, if all of them are there", () => {
    expect(tipOf(view, 11)).toMatchObject({ values: "0% down · 3.00 s", cause: "HTTP 503" });
    expect(tipOf(view, 500)).toMatchObject({ values: "no samples", cause: "" });
    expect(stopsOf(view)).toEqual([0, 12]);
  });
  it("is the part that it lies in, and the incidents of that time, if not", () => {
    const thinned = { ...view, thinned: true };
    const { values, cause } = tipOf(thinned, 11);
    expect(values).toBe("80% up · lowest 0% · 100 ms to 300 ms");
    expect(cause).toBe("HTTP 503 (and 1 more)");
    expect(tipOf(thinned, 3)).toMatchObject({ values: "100% up · 100 ms to 300 ms", cause: "" });
    expect(tipOf(thinned, 500)).toMatchObject({ values: "no samples" });
    expect(stopsOf(thinned)).toEqual([5, 15]);
  });
  it("counts every incident of a mark that stands for several", () => {
    const marks = [mark, { ...mark, from: 15, cause: 1, count: 299 }];
    const many = { ...view, thinned: true, causes: ["HTTP 503", "refused"], marks };
    expect(tipOf(many, 11).cause).toBe("refused (and 299 more)");
  });
  it("says of failed checks without an incident that they were not confirmed", () => {
    const lone = { ...view, thinned: true, marks: [] };
    expect(tipOf(lone, 11).cause).toBe("1 failed check, not confirmed: HTTP 503");
    expect(tipOf(lone, 3).cause).toBe("");
    const few = { ...lone, parts: [part(0), part(10, { uptime: 0.9, lowest: 0, count: 30 })] };
    expect(tipOf(few, 11).cause).toBe("3 failed checks, not confirmed: HTTP 503");
    // A lower one near it is kept in its place.
    const lost = { ...lone, dates: [0, 9], parts: [part(0), part(10, { lowest: 0.5 })] };
    expect(tipOf(lost, 11).cause).toBe("1 failed check, not confirmed: zoom in for the cause");
    expect(tipOf({ ...view, marks: [] }, 11)).toMatchObject({
      values: "0% down · 3.00 s",
      cause: "1 failed check, not confirmed: HTTP 503",
    });
  });
});
