import { describe, expect, it } from "vitest";

import {
  fallenNear,
  findRows,
  leavesBelow,
  nameBelow,
  stripOf,
  stripSaid,
  timeMarks,
} from "../src/state/bands";
import { powerOf, sizeMarkText } from "../src/state/measuredText";
import { linearMarks, logMarks, scaledFrom, scaledTo, sizeMarks } from "../src/state/scale";
import {
  durationBars,
  scatterSummary,
  shortSeconds,
  slowestFirst,
  statusBars,
} from "../src/state/spread";
import { zone } from "../src/state/zone.svelte";
import { clock, day } from "../src/state/format";
import { floorOf, shadeOf } from "../src/state/longView";
import type { SpanPart } from "../src/wire/wire";
import { rowsOf } from "./rows";
import { EMPTY_HISTORY } from "./stub";

describe("the bars of statuses", () => {
  const counts = Array.from({ length: 20 }, (_, at) => (at === 19 ? 100 : at === 0 ? 4 : 0));
  const bars = statusBars(counts);
  it("grow with the root of the count", () => {
    expect(bars.map(({ height }) => height)).toEqual([0.2, ...counts.slice(1, 19), 1]);
  });
  it("say what they count, and of how many", () => {
    expect(bars[0]?.text).toBe("0% to below 5%: 4 samples, 3.85%");
    expect(bars[19]).toMatchObject({ text: "95% to 100%: 100 samples, 96.15%", tone: "up" });
  });
  it("are flat without samples", () =>
    expect(statusBars([0, 0]).map(({ height }) => height)).toEqual([0, 0]));
});

it("labels the bars of durations at round ones", () => {
  const bars = durationBars([
    { from: 0.08, to: 0.1, count: 1 },
    { from: 0.1, to: 0.12, count: 4 },
    { from: 0.12, to: 0.15, count: 0 },
    { from: 0.15, to: 0.2, count: 0 },
    { from: 0.2, to: 0.24, count: 1 },
  ]);
  expect(bars.map(({ label }) => label)).toEqual(["80 ms", "100 ms", "", "", ""]);
  expect(bars.at(-1)?.end).toBe("240 ms");
  expect(bars.map(({ height }) => height)).toEqual([0.5, 1, 0, 0, 0.5]);
  expect(bars[1]?.text).toBe("100 ms to 120 ms: 4 samples, 66.67%");
});

it("labels both ends of bars, also of a single one", () => {
  const [bar] = durationBars([{ from: 0.02, to: 0.024, count: 7 }]);
  expect(bar).toMatchObject({ label: "20 ms", end: "24 ms", height: 1 });
  const statuses = statusBars(Array.from({ length: 20 }, () => 1));
  expect([statuses[0]?.label, statuses.at(-1)?.end]).toEqual(["0%", "100%"]);
});

it.each([
  [0.000_004, "4 µs"],
  [0.0015, "1.5 ms"],
  [0.12, "120 ms"],
  [1, "1 s"],
  [12, "12 s"],
])("%f s is short for %s", (value, text) => expect(shortSeconds(value)).toBe(text));

it("puts the slowest samples first, and none without a status", () => {
  const points = slowestFirst({
    ...EMPTY_HISTORY,
    dates: [1, 2, 3],
    statuses: [1, null, 0],
    durations: [0.1, 50, 3],
    causeOf: [null, null, 0],
    causes: ["refused"],
  });
  expect(points.map(({ date }) => date)).toEqual([3, 1]);
  expect(points[0]?.cause).toBe("refused");
  const view = { ...EMPTY_HISTORY, count: 900, statusCounts: [4, 46, 850] };
  expect(scatterSummary(view, points)).toBe(
    "Wholly up: 1, the slowest 100 ms. Not: 1, the slowest 3.00 s.",
  );
  expect(scatterSummary(view, [])).toBe("Wholly up: none. Not: none.");
  // Of thinned samples the figures of all count, not the points that are drawn.
  expect(scatterSummary({ ...view, thinned: true, parts: [] }, points)).toBe(
    "850 samples at least 95% up, 50 less.",
  );
});

describe("scales", () => {
  it.each([0.001, 0.12, 30])("lead there and back: %f", (value) => {
    expect(scaledFrom(scaledTo(value, true), true)).toBeCloseTo(value);
    expect(scaledFrom(scaledTo(value, false), false)).toBe(value);
  });
  it.each<[number, number, number[]]>([
    [0.001, 10, [0.001, 0.01, 0.1, 1, 10]],
    [0.02, 0.6, [0.03, 0.1, 0.3]],
    [0.1, 0.6, [0.1, 0.2, 0.5]],
    [0, 0, [0.000_001]],
  ])("from %f to %f have the logarithmic marks %j", (least, most, marks) =>
    expect(logMarks(least, most)).toEqual(marks),
  );
  it.each<[number, number, number[]]>([
    [1, 4, [0, 0.5, 1]],
    [0.9, 4, [0, 0.5]],
    [30, 4, [0, 10, 20, 30]],
    [0, 4, [0]],
    [NaN, 4, [0]],
  ])("to %f have at most %i marks: %j", (most, count, marks) =>
    expect(linearMarks(most, count)).toEqual(marks),
  );
});

const part = (from: number, uptime: number | null, p50: number | null = 1): SpanPart => ({
  ...{ from, to: from + 10, uptime, lowest: uptime, highest: uptime },
  ...{ count: 1, unknown: 0, p50, p95: p50, p99: p50, longest: p50 },
});

describe("a strip", () => {
  it("rises where it was up, and hangs where it was not", () => {
    const strip = stripOf([part(0, 1), part(10, 0), part(20, 0.99), part(30, null)], 0, 100);
    expect(strip.up).toBe("M0 0h100V20h-100zM200 5h100V20h-100z");
    expect(strip.down).toBe("M100 0h100v20h-100z");
    expect(strip.partly, "without an outage").toBe("M200 0h100v5h-100z");
    expect(strip.unknown).toBe("M300 9h100v2h-100z");
  });
  it("leads to the nearest part that was not wholly up", () => {
    const parts = [part(0, 1), part(10, 0), part(20, 1), part(30, null), part(50, 0.5)];
    const check = (date: number, near: number, from: number | null): void =>
      expect(fallenNear(parts, date, near)?.from ?? null).toBe(from);
    check(15, 0, 10);
    check(5, 1, null);
    check(9.5, 1, 10);
    check(37, 30, 50);
    check(35, 2, null);
  });
  it("is cut to the span", () => expect(stripOf([part(-5, 1)], 0, 100).up).toBe("M0 0h50V20h-50z"));
  it("is said in words", () => {
    const band = {
      path: "/a",
      uptime: 0.5,
      watched: 20,
      parts: [part(0, 1), part(10, 0)],
      error: null,
    };
    expect(stripSaid(band)).toBe("50% up, not wholly in 1 of 2 parts");
    expect(stripSaid({ ...band, uptime: 1, parts: [part(0, 1)] })).toBe("100% up");
    expect(stripSaid({ ...band, parts: [] })).toBe("nothing known");
    expect(stripSaid({ ...band, error: "no answer" })).toBe("no answer");
  });
});

it("finds rows by every word of their path", () => {
  const rows = rowsOf("Root\n  Web\n    Shop\n  Mail");
  expect(findRows(rows, "web shop", 5).map(({ name }) => name)).toEqual(["Shop"]);
  expect(findRows(rows, "root", 2)).toHaveLength(2);
});

describe("the zone", () => {
  const noon = Date.UTC(2026, 10, 22, 23, 30) / 1000;
  it("is UTC when that is chosen, and is remembered", () => {
    zone.choose(true);
    expect([day(noon), clock(noon)]).toEqual(["2026-11-22", "23:30:00"]);
    expect(localStorage.getItem("up.utc")).toBe("true");
    expect(timeMarks(noon - 7_200, noon, 4)).toEqual({
      apart: 1_800,
      marks: [-7_200, -5_400, -3_600, -1_800, 0].map((offset) => noon + offset),
    });
    zone.choose(false);
    const local = new Date(noon * 1000);
    expect(clock(noon).slice(0, 2)).toBe(String(local.getHours()).padStart(2, "0"));
  });
});

it("shades durations from the shortest to the longest", () => {
  expect(shadeOf([1, null, 3, 2])).toEqual([10, 0, 95, 53]);
  expect(shadeOf([2, 2])).toEqual([53, 53]);
  expect(shadeOf([null])).toEqual([0]);
});

it.each<[(number | null)[], number]>([
  [[1, 0.9995], 0.999],
  [[0.9901, null], 0.99],
  [[0.99, 1], 0.95],
  [[0.2], 0],
  [[null], 0.999],
])("bars of %j begin at %f", (uptimes, floor) => expect(floorOf(uptimes)).toBe(floor));

it.each<[string, string[]]>([
  ["/Root", ["Shop › A", "Shop › Pay › B", "C"]],
  ["/Root/Shop", ["A", "Pay › B"]],
  ["/Root/C", []],
])("the sources below %s are %j", (tree, names) => {
  const rows = rowsOf("Root\n  Shop\n    A\n    Pay\n      B\n  C");
  const of = rows.find(({ path }) => path === tree);
  const leaves = of === undefined ? [] : leavesBelow(rows, of);
  expect(leaves.map(({ path }) => nameBelow(path, tree))).toEqual(names);
});

it.each([
  [1_843, 2_254, ["1.8 KiB", "2 KiB", "2.2 KiB"]],
  [1_800, 2_200, ["1.8 KiB", "2 KiB"]],
  [0, 1.1, ["0 bytes", "0.5 bytes", "1 byte"]],
  [0, 1.2e6, ["0 MiB", "0.5 MiB", "1 MiB"]],
  [-3_000, 3_000, ["-2 KiB", "0 KiB", "2 KiB"]],
  [5, 5, ["5 bytes"]],
])("the marks of sizes from %d to %d are %j", (least, most, expected) => {
  const power = powerOf(Math.max(Math.abs(least), most));
  const marks = sizeMarks(least, most, 1024 ** power, 3);
  expect(marks.map((mark) => sizeMarkText(mark, power))).toEqual(expected);
});
