import { afterEach, describe, expect, it } from "vitest";

import { MetricPlot } from "../src/chart/metricPlot";
import type { MetricChart } from "../src/chart/metricPlot";
import {
  endsOf,
  groupsOf,
  linesOf,
  pointAt,
  saidAt,
  valueText,
  wholeOf,
} from "../src/state/metrics";
import type { MeasuredMetric } from "../src/wire/wire";
import { PALETTE, STILL, withoutPen, withPen } from "./pen";
import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_HISTORY, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

/** A metric with a point of five minutes for each value, from a time on. */
function metric(
  name: string,
  values: readonly number[],
  more: Partial<MeasuredMetric> = {},
): MeasuredMetric {
  const begins = values.map((_, at) => at * 300);
  return {
    name,
    label: name.split(".").slice(1).join(".") || name,
    unit: "s",
    last: values.at(-1) ?? 0,
    warn: [],
    crit: [],
    begins,
    ends: begins.map((begin) => begin + 300),
    counts: values.map(() => 10),
    mins: values.map((value) => value * 0.5),
    means: [...values],
    maxs: values.map((value) => value * 2),
    ...more,
  };
}

describe("the charts of metrics", () => {
  const check = (metrics: MeasuredMetric[], expected: [string, string[]][]): void => {
    const found = groupsOf(metrics).map(({ title, metrics }) => [
      title,
      metrics.map(({ label }) => label),
    ]);
    expect(found).toEqual(expected);
  };

  it("are one for what belongs together, and one for each other unit", () => {
    const own = { unit: "" };
    check(
      [
        metric("timing.connect", [1]),
        metric("loss", [1], { unit: "%" }),
        metric("timing.tls", [1]),
        metric("values.load", [1], own),
        metric("values.users", [1], own),
        metric("perfdata.read", [1], { unit: "MB" }),
        metric("perfdata.written", [1], { unit: "MB" }),
        metric("perfdata.free", [1], { unit: "MB", warn: [2] }),
      ],
      [
        ["Parts of a check", ["connect", "tls"]],
        ["loss", ["loss"]],
        ["load", ["load"]],
        ["users", ["users"]],
        ["In MB", ["read", "written"]],
        ["free", ["free"]],
      ],
    );
  });

  it("have no more lines than can be told apart", () => {
    const many = Array.from({ length: 8 }, (_, at) =>
      metric(`perfdata.d${at}`, [1], { unit: "MB" }),
    );
    const labels = many.map(({ label }) => label);
    check(many, [
      ["In MB (1 of 2)", labels.slice(0, 6)],
      ["In MB (2 of 2)", labels.slice(6)],
    ]);
  });

  it("end a line where there were no values for longer than a gap", () => {
    const gappy = metric("timing.tls", [1, 2, 3], {
      begins: [0, 300, 900],
      ends: [300, 600, 1200],
    });
    const check = (gap: number, dates: number[], means: (number | null)[]): void => {
      const found = linesOf([gappy], gap);
      expect(found.dates).toEqual(dates);
      expect(found.lines[0]?.means).toEqual(means);
    };
    check(90, [150, 450, 750, 1050], [1, 2, null, 3]);
    check(300, [150, 450, 1050], [1, 2, 3]);
    const [, other] = linesOf([gappy, metric("timing.body", [7])], 90).lines;
    expect(other?.means).toEqual([7, undefined, undefined, undefined]);
  });

  it("begin at zero, unless the values are far from it and near each other", () => {
    const check = (metrics: MeasuredMetric[], low: number, high: number): void => {
      const [least, most] = endsOf(metrics);
      expect([least, most].map((end) => Math.round(end))).toEqual([low, high]);
    };
    check([], 0, 1);
    check([metric("a", [10, 20])], 0, 43);
    const near = metric("a", [100], { mins: [99], maxs: [101] });
    check([near], 99, 101);
    check([metric("a", [10], { mins: [10], maxs: [1000] })], 0, 42);
    check([metric("a", [-10], { mins: [-20], maxs: [-5] })], -21, -4);
    // A threshold that flattens nothing is shown, another one is not.
    check([metric("a", [50], { maxs: [50], warn: [80], crit: [900] })], 0, 84);
  });
});

it.each<[number, string, string]>([
  [0.0123, "s", "12.3 ms"],
  [0, "s", "0 ms"],
  [0.000_05, "s", "under 0.1 ms"],
  [-0.5, "s", "-500 ms"],
  [1536, "B", "1.5 KiB"],
  [0, "B", "0 bytes"],
  [71.234, "%", "71.23%"],
  [81_234.5, "", "81,230"],
  [61, "d", "61 d"],
  [1_234_567, "c", "1,234,567"],
  [1_234_567.8, "", "1,235,000"],
  [0.000_012, "", "0.0000120"],
])("%s %s is “%s”", (value, unit, expected) => expect(valueText(value, unit)).toBe(expected));

it("counts values, not points", () => {
  const uneven = metric("a", [1, 4], { counts: [30, 10] });
  expect(wholeOf(uneven)).toEqual({ min: 0.5, mean: 1.75, max: 8 });
  expect(wholeOf(metric("a", []))).toBeNull();
});

it("finds the point of a date", () => {
  const gappy = metric("a", [1, 2], { begins: [0, 900], ends: [300, 1200] });
  const check = (date: number, expected: number | null): void =>
    expect(pointAt(gappy, date), `${date}`).toBe(expected);
  check(-1, null);
  check(0, 0);
  check(299, 0);
  check(300, null);
  check(900, 1);
  check(1200, null);
});

it("says the values of a date", () => {
  const [group] = groupsOf([metric("timing.tls", [0.02]), metric("timing.body", [0.01, 0.01])]);
  if (group === undefined) throw new Error("a group");
  expect(saidAt(group, 100, 100)).toMatch(/: tls 20.0 ms \(10.0 ms to 40.0 ms\), body 10.0 ms/);
  expect(saidAt(group, 400, 400)).toMatch(/: body 10.0 ms \(5.00 ms to 20.0 ms\)$/);
  expect(saidAt(group, 900, 900)).toMatch(/: no values$/);
});

describe("the thresholds of a plugin", () => {
  afterEach(withoutPen);
  const drawn = (warn: number[], crit: number[]): MetricChart => {
    const [group] = groupsOf([metric("perfdata.disk", [50, 60], { unit: "%", warn, crit })]);
    if (group === undefined) throw new Error("a group");
    return { group, gap: 90, log: false, from: 0, to: 600 };
  };
  it.each<[number[], number[], number, string[]]>([
    [[80], [100], 2, ["warn 80%", "crit 100%"]],
    [[80], [9000], 1, ["warn 80%", "crit 9,000% ↑"]],
    [[8000], [9000], 0, ["warn 8,000%, crit 9,000% ↑"]],
    [[-500], [], 0, ["warn -500% ↓"]],
    [[], [], 0, []],
  ])("%j and %j are %i lines, and named %j", async (warn, crit, lines, names) => {
    const pen = withPen(400);
    const told = (): void => undefined;
    const plot = new MetricPlot(document.body, 400, drawn(warn, crit), PALETTE, STILL, told);
    await Promise.resolve();
    const tones = ["partly", "down"];
    const dashed = pen.of("stroke").filter(({ stroke }) => tones.includes(String(stroke)));
    expect(dashed).toHaveLength(lines);
    const said = pen.of("fillText").map(({ args }) => String(args[0]));
    expect(said.filter((text) => /warn|crit/.test(text))).toEqual(names);
    plot.destroy();
  });
});

describe("the section", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
  });
  async function shownWith(value: MeasuredMetric[]): Promise<StubWire> {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A")));
    wire.answers.set("history", {
      answer: "history",
      value: {
        ...EMPTY_HISTORY,
        path: "/Root/A",
        dates: [0],
        statuses: [1],
        durations: [0.1],
        causeOf: [null],
      },
    });
    wire.answers.set("metrics", { answer: "metrics", value });
    shown = await show(wire);
    one("[role=treeitem][aria-level='2']").click();
    await settle();
    return wire;
  }

  it("has the figures of each metric, and its values by the keyboard", async () => {
    const wire = await shownWith([metric("timing.tls", [0.02, 0.04])]);
    expect(wire.asked).toContainEqual({ ask: "metrics", path: "/Root/A", from: 0, to: 86_400 });
    expect(all("figure td").map(({ textContent }) => textContent)).toEqual([
      "40.0 ms",
      "10.0 ms",
      "30.0 ms",
      "80.0 ms",
    ]);
    const slider = one("figure [role=slider]");
    expect(slider.getAttribute("aria-valuetext")).toContain("40.0 ms");
    slider.focus();
    await press("ArrowLeft");
    expect(slider.getAttribute("aria-valuetext")).toContain("20.0 ms (10.0 ms to 40.0 ms)");
    await press("End");
    expect(slider.getAttribute("aria-valuenow")).toBe("1");
  });

  it("has the thresholds of a plugin as columns, however far they are", async () => {
    const far = { unit: "%", warn: [80], crit: [10, 9000] };
    await shownWith([metric("perfdata.disk", [50], far)]);
    const texts = (selector: string): string[] => all(selector).map((cell) => cell.textContent);
    expect(texts("figure thead th").slice(-2)).toEqual(["Warning", "Critical"]);
    expect(texts("figure td").slice(-2)).toEqual(["80%", "10%, 9,000%"]);
  });

  it("is not there without metrics", async () => {
    const wire = await shownWith([]);
    expect(wire.count("metrics")).toBeGreaterThan(0);
    expect(document.body.textContent).not.toContain("Measured");
  });
});
