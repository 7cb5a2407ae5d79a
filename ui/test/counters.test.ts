import { describe, expect, it } from "vitest";

import { rateOf } from "../src/state/counters";
import { linesOf } from "../src/state/metricLines";
import { groupsOf, insteadOfLine } from "../src/state/metrics";
import { shownOf } from "../src/state/shownMetric";
import type { MeasuredMetric } from "../src/wire/wire";

/** A counter with a point of 100 s for each value: its least and highest one, or both. */
function counter(
  values: readonly (number | [number, number])[],
  begins?: number[],
): MeasuredMetric {
  const ends = values.map((value) => (typeof value === "number" ? [value, value] : value));
  const from = begins ?? values.map((_, at) => at * 100);
  const [mins, maxs] = [0, 1].map((end) => ends.map((pair) => pair[end] ?? 0));
  return {
    ...{ name: "perfdata.rx", label: "rx", unit: "c", warn: [], crit: [] },
    ...{ begins: from, ends: from.map((begin) => begin + 100), mins: mins ?? [], maxs: maxs ?? [] },
    means: ends.map(([min = 0, max = 0]) => (min + max) / 2),
    counts: values.map(() => 10),
    last: 0,
  };
}

describe("the rate of a counter", () => {
  /** From, to and rate of each stretch, and which ones begin after a restart. */
  const check = (
    metric: MeasuredMetric,
    expected: [number, number, number][],
    restarts: number[] = [],
    now = 1e9,
  ): void => {
    const { metric: rate, restarts: found } = rateOf(metric, 150, now);
    const { begins, ends, means } = rate;
    expect(begins.map((begin, at) => [begin, ends[at], means[at]])).toEqual(expected);
    expect(found).toEqual(restarts);
    expect(rate.last).toBe(expected.at(-1)?.[2] ?? 0);
  };

  it("is the difference of two points over their distance", () => {
    check(counter([0, 100, 300]), [
      [50, 150, 1],
      [150, 250, 2],
    ]);
    check(counter([500, 500]), [[50, 150, 0]]);
    check(counter([500]), []);
    check(counter([]), []);
  });

  it("has a gap where the counter fell, also within a point", () => {
    const expected: [number, number, number][] = [
      [50, 150, 1],
      [250, 350, 3],
    ];
    check(counter([0, 100, 0, 300]), expected, [1]);
    // The third point has values of before and after.
    check(
      counter([0, 100, [0, 150], 10, 310]),
      [
        [50, 150, 1],
        [350, 450, 3],
      ],
      [1],
    );
  });

  it("has a gap where there were no values", () => {
    check(counter([0, 100, 900, 1_000], [0, 100, 900, 1_000]), [
      [50, 150, 1],
      [950, 1_050, 1],
    ]);
  });

  it("spans so many points that the rounding of large values is little of it", () => {
    // Three digits: 10,000 is the last one.
    const steps = [1_000_000, 1_010_000, 1_010_000, 1_040_000, 1_090_000, 1_090_000, 1_170_000];
    check(counter(steps), [
      [50, 450, 225],
      [450, 650, 400],
    ]);
    // What is left at the end belongs to the stretch before it.
    check(counter([...steps, 1_180_000]), [
      [50, 450, 225],
      [450, 750, 300],
    ]);
  });

  it("counts of a point that goes on only the time that passed", () => {
    check(counter([0, 100]), [[50, 120, 100 / 70]], [], 140);
  });

  it("is drawn with its line ended at a restart", () => {
    const span = { facts: [], gap: 150, now: 1e9 };
    const shown = shownOf(counter([0, 100, 200, 0, 100]), span);
    expect(linesOf([shown], 150, 1e9).lines[0]?.means).toEqual([1, 1, null, 1]);
  });

  it("weighs each rate by its time, and has no thresholds of the counter", () => {
    const metric = { ...counter([0, 100, 300]), warn: [200] };
    const { warn, counts, unit } = rateOf(metric, 150, 1e9).metric;
    expect([warn, counts, unit]).toEqual([[], [100, 100], "/s"]);
    const [group] = groupsOf([metric], { facts: [], gap: 150, now: 1e9 });
    expect(group?.remark).toBe("Rate of a counter, which warns at 200.");
  });

  it("is none of one value, which is said", () => {
    const [group] = groupsOf([counter([5])], { facts: [], gap: 150, now: 1e9 });
    expect(group === undefined ? "" : insteadOfLine(group)).toMatch(/^No rate in this span/);
  });
});
