import { describe, expect, it } from "vitest";

import { age, count, moment, percent, seconds, shortSpan, span } from "../src/state/format";

describe("seconds", () => {
  it.each<[number | null, string]>([
    [null, ""],
    [0, ""],
    [Number.NaN, ""],
    [0.000_1, ""],
    [0.000_42, "0.42 ms"],
    [0.001_05, "1.05 ms"],
    [0.085_9, "85.9 ms"],
    [0.12, "120 ms"],
    [0.999_4, "999 ms"],
    [0.999_6, "1.00 s"],
    [1.6, "1.60 s"],
    [12.345, "12.3 s"],
    [99.96, "1 min 40 s"],
    [125, "2 min 5 s"],
  ])("%s is %s", (value, expected) => expect(seconds(value)).toBe(expected));
});

describe("spans", () => {
  it.each<[number, string, string]>([
    [-5, "0 s", "0 s"],
    [0, "0 s", "0 s"],
    [59.4, "59 s", "59 s"],
    [60, "1 min", "1 min"],
    [61, "1 min 1 s", "1 min"],
    [3_599, "59 min 59 s", "59 min"],
    [3_725, "1 h 2 min", "1 h"],
    [90_000, "1 d 1 h", "1 d"],
    [172_800, "2 d", "2 d"],
  ])("%s s is %s, in short %s", (value, long, short) => {
    expect(span(value)).toBe(long);
    expect(shortSpan(value)).toBe(short);
  });
});

describe("age", () => {
  it.each<[number | null, string]>([
    [null, "never"],
    [1000, "now"],
    [1003, "now"],
    [998.5, "now"],
    [990, "10 s ago"],
    [880, "2 min ago"],
    [-90_000, "1 d ago"],
  ])("of %s at 1000 is %s", (date, expected) => expect(age(date, 1000)).toBe(expected));
});

describe("percent", () => {
  it.each<[number | null, string]>([
    [null, "—"],
    [0, "0%"],
    [1, "100%"],
    [0.5, "50%"],
    [2 / 3, "66.67%"],
    [0.999_99, "99.99%"],
    [0.000_01, "0.01%"],
  ])("of %s is %s", (status, expected) => expect(percent(status)).toBe(expected));
});

it("says the day only when it is another one", () => {
  const noon = new Date(2026, 10, 22, 12, 0, 0).getTime() / 1000;
  expect(moment(noon + 65, noon)).toBe("12:01:05");
  expect(moment(noon - 86_400, noon)).toBe("2026-11-21 12:00:00");
});

it("counts in words", () => {
  expect([count(1, "sample"), count(10_000, "sample")]).toEqual(["1 sample", "10,000 samples"]);
});
