import { describe, expect, it } from "vitest";

import { rateOf } from "../src/state/counters";
import type { CheckTimes } from "../src/state/counters";
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

const LATER: CheckTimes = { gap: 150, now: 1e9, newest: null, interval: null };

describe("the rate of a counter", () => {
  /** From, to and rate of each stretch, and which ones begin after a restart. */
  const check = (
    metric: MeasuredMetric,
    expected: [number, number, number][],
    restarts: number[] = [],
    times = LATER,
  ): void => {
    const { metric: rate, restarts: found } = rateOf(metric, times);
    const { begins, ends, means } = rate;
    expect(begins.map((begin, at) => [begin, ends[at], means[at]])).toEqual(expected);
    expect(found).toEqual(restarts);
    expect(rate.last).toBe(expected.at(-1)?.[2] ?? 0);
  };

  it("is the difference of two points over their distance", () => {
    check(counter([0, 100, 300]), [
      [95, 195, 1],
      [195, 295, 2],
    ]);
    check(counter([500, 500]), [[95, 195, 0]]);
    check(counter([500]), []);
    check(counter([]), []);
  });

  it("has a gap where the counter fell, also within a point", () => {
    const expected: [number, number, number][] = [
      [95, 195, 1],
      [295, 395, 3],
    ];
    check(counter([0, 100, 0, 300]), expected, [1]);
    // The third point has values of before and after.
    check(
      counter([0, 100, [0, 150], 10, 310]),
      [
        [95, 195, 1],
        [395, 495, 3],
      ],
      [1],
    );
  });

  it("has a gap where there were no values", () => {
    check(counter([0, 100, 900, 1_000], [0, 100, 900, 1_000]), [
      [95, 195, 1],
      [995, 1_095, 1],
    ]);
  });

  it("spans so many points that the rounding of large values is little of it", () => {
    // Three digits: 10,000 is the last one.
    const steps = [1_000_000, 1_010_000, 1_010_000, 1_040_000, 1_090_000, 1_090_000, 1_170_000];
    check(counter(steps), [
      [95, 495, 225],
      [495, 695, 400],
    ]);
    // What is left at the end belongs to the stretch before it.
    check(counter([...steps, 1_180_000]), [
      [95, 495, 225],
      [495, 795, 300],
    ]);
  });

  it("counts of a point that goes on only the time until the newest check", () => {
    const at = { ...LATER, now: 182, newest: 180 };
    check(counter([0, 170]), [[95, 180, 2]], [], at);
    // The time is uncertain, or not known at all.
    check(counter([0, 34]), [], [], { ...at, newest: 112 });
    check(counter([0, 170]), [], [], { ...at, newest: null });
  });

  it("is none as long as the growth is as little as the rounding", () => {
    check(counter([1_800_000_000_000, 1_800_000_000_000]), []);
    check(counter([1_795_865_248_000, 1_795_865_348_000]), [[95, 195, 1_000]]);
  });

  /** The points of 300 s of a counter that grows by `rate` a second, checked from `start` until `now`. */
  function watched(rate: number, interval: number, start: number, now: number): MeasuredMetric {
    const points = new Map<number, number[]>();
    for (let date = start; date <= now; date += interval) {
      const begin = Math.floor(date / 300) * 300;
      points.set(begin, [...(points.get(begin) ?? []), 1.7e9 + 0.123 + date * rate]);
    }
    const values = [...points.values()];
    const ends = values.map((some): [number, number] => [some[0] ?? 0, some.at(-1) ?? 0]);
    const begins = [...points.keys()];
    return {
      ...counter(ends, begins),
      ends: begins.map((begin) => begin + 300),
      counts: values.map((some) => some.length),
    };
  }

  it("is near the truth or not told, wherever the first part and the last one are cut", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    let told = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const rate = 10 ** (random() * 6 - 1);
      const interval = [1, 5, 7, 30, 60, 170, 300][Math.floor(random() * 7)] ?? 1;
      const start = random() * 300;
      const now = start + random() * (round % 2 === 0 ? 700 : 4_000);
      const newest = start + Math.floor((now - start) / interval) * interval;
      const metric = watched(rate, interval, start, now);
      for (const known of [interval, null]) {
        const times = { gap: 700, now, newest, interval: known };
        const rates = rateOf(metric, times).metric.means;
        told += rates.length;
        const limit = known === null ? 0.15 : 0.005;
        for (const one of rates) {
          const seen = JSON.stringify({ rate, one, interval, start, now, known });
          expect(Math.abs(one / rate - 1), seen).toBeLessThan(limit);
        }
      }
    }
    expect(told).toBeGreaterThan(3_000);
  });

  it("is drawn with its line ended at a restart", () => {
    const span = { facts: [], ...LATER };
    const shown = shownOf(counter([0, 100, 200, 0, 100]), span);
    expect(linesOf([shown], 150, 1e9).lines[0]?.means).toEqual([1, 1, null, 1]);
  });

  it("weighs each rate by its time, and has no thresholds of the counter", () => {
    const metric = { ...counter([0, 100, 300]), warn: [200] };
    const { warn, counts, unit } = rateOf(metric, LATER).metric;
    expect([warn, counts, unit]).toEqual([[], [100, 100], "/s"]);
    const [group] = groupsOf([metric], { facts: [], ...LATER });
    expect(group?.remark).toBe("Rate of a counter, which warns at 200.");
  });

  it("is none of one value, which is said", () => {
    const [group] = groupsOf([counter([5])], { facts: [], ...LATER });
    expect(group === undefined ? "" : insteadOfLine(group)).toMatch(/^No rate in this span/);
  });
});
