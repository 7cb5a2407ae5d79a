import { describe, expect, it } from "vitest";

import { alertEdges, alertWords, edgesOf, rangeIn } from "../src/state/alertRanges";
import { liveFigure } from "../src/state/liveFigures";
import type { MeasuredMetric } from "../src/wire/wire";

const text = (value: number): string => `${value} °`;

describe("the range of a plugin", () => {
  it.each<[string, boolean, string | null, number[], string[]]>([
    ["80", true, "above 80 °", [80], ["warns above 80 °"]],
    ["30", false, "outside 0 ° to 30 °", [30], ["warns outside 0 ° to 30 °"]],
    ["20:", true, "below 20 °", [20], ["warns below 20 °"]],
    ["0:", false, "below 0 °", [], []],
    ["~:10", false, "above 10 °", [10], ["warns above 10 °"]],
    ["10:20", true, "outside 10 ° to 20 °", [10, 20], ["warns below 10 °", "warns above 20 °"]],
    ["@-5:0", false, "between -5 ° and 0 °", [-5, 0], ["", "warns between -5 ° and 0 °"]],
    ["@~:5", false, "at 5 ° and below", [5], ["warns at 5 ° and below"]],
    ["@5:", true, "at 5 ° and above", [5], ["warns at 5 ° and above"]],
    ["@3:3", true, "at 3 °", [3], ["warns at 3 °"]],
    ["0:0", true, "at all but 0 °", [0], ["warns at all but 0 °"]],
    ["1e3:2.5e3", true, "outside 1000 ° to 2500 °", [1000, 2500], []],
    ["~:", true, null, [], []],
    ["@~:", true, "at any value", [], []],
  ])("%s, where no value is below zero: %s, alerts %s", (range, isPositive, words, edges, said) => {
    const found = rangeIn(range);
    if (found === null) throw new Error(`${range} is a range`);
    expect(alertWords(found, text, isPositive)).toBe(words);
    expect(edgesOf(found)).toEqual(edges);
    const tags = alertEdges(found, "warns", text, isPositive);
    if (said.length > 0) expect(tags.map((tag) => tag.text)).toEqual(said);
  });

  it.each(["", ":", "@", "20:10", "ten", "1:2:3", "~", "inf", "nan:1", "1,5", " 1"])(
    "%j is none",
    (range) => expect(rangeIn(range)).toBeNull(),
  );
});

describe("what the newest sample says of a metric", () => {
  const metric = (more: Partial<MeasuredMetric> = {}): MeasuredMetric => ({
    ...{ name: "perfdata.rx", label: "rx", unit: "%", last: 0, warn: [], crit: [] },
    ...{ begins: [], ends: [], counts: [], mins: [], means: [], maxs: [] },
    ...more,
  });
  const said = (text: string, more?: Partial<MeasuredMetric>): unknown[] => {
    const { value, warn, crit } = liveFigure(metric(more), [{ label: "rx", text }]);
    return [value, warn?.from ?? null, crit?.to ?? null];
  };

  it("is its value in its unit, and the ranges that the history has the ends of", () => {
    const limits = { warn: [20], crit: [10, 90] };
    const figure = "83% (warn 20:, crit 10:90, least 0)";
    expect(said(figure, limits)).toEqual([83, 20, 90]);
    expect(said(figure, { ...limits, warn: [30] })).toEqual([83, null, 90]);
    expect(said("1234567 c", { unit: "c" })).toEqual([1_234_567, null, null]);
    expect(said("-0.5 ms", { unit: "ms" })).toEqual([-0.5, null, null]);
    expect(said("7", { unit: "", name: "values.rx" })).toEqual([7, null, null]);
    expect(said("no value (warn 20:)", limits)).toEqual([null, null, null]);
  });

  it("is nothing of another unit, another metric, or two of one name", () => {
    expect(said("83 MB")).toEqual([null, null, null]);
    expect(said("83%", { name: "loss" })).toEqual([null, null, null]);
    const twice = ["83%", "84%"].map((text) => ({ label: "rx", text }));
    expect(liveFigure(metric(), twice).value).toBeNull();
    expect(liveFigure(metric(), []).value).toBeNull();
  });
});
