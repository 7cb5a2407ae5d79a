import { afterEach, describe, expect, it } from "vitest";

import { MetricPlot } from "../src/chart/metricPlot";
import type { MetricChart } from "../src/chart/metricPlot";
import { exactText, markText, roundedText } from "../src/state/measuredText";
import { endsOf, linesOf, pointAt, stopsOf } from "../src/state/metricLines";
import { groupsOf, saidAt, wholeOf } from "../src/state/metrics";
import type { MetricGroup } from "../src/state/metrics";
import { shownOf } from "../src/state/shownMetric";
import type { MeasuredSpan, ShownMetric } from "../src/state/shownMetric";
import type { Fact, MeasuredMetric } from "../src/wire/wire";
import { PALETTE, STILL, withoutPen, withPen } from "./pen";
import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_HISTORY, one, press, resize, settle, show, StubWire } from "./stub";
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

/** What is known of a span that was read long after it. */
const LATER: MeasuredSpan = { facts: [], gap: 90, now: 1e9, newest: null, interval: null };
const shown = (metric: MeasuredMetric, span = LATER): ShownMetric => shownOf(metric, span);

function groupOf(metrics: MeasuredMetric[], span = LATER): MetricGroup {
  const [group] = groupsOf(metrics, span);
  if (group === undefined) throw new Error("a group");
  return group;
}

describe("the charts of metrics", () => {
  const check = (metrics: MeasuredMetric[], expected: [string, string[]][]): void => {
    const found = groupsOf(metrics, LATER).map(({ title, metrics }) => [
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
      const found = linesOf([shown(gappy)], gap, 1e9);
      expect(found.dates).toEqual(dates);
      expect(found.lines[0]?.means).toEqual(means);
    };
    check(90, [150, 450, 750, 1050], [1, 2, null, 3]);
    check(300, [150, 450, 1050], [1, 2, 3]);
    const [, other] = linesOf(
      [gappy, metric("timing.body", [7])].map((one) => shown(one)),
      90,
      1e9,
    ).lines;
    expect(other?.means).toEqual([7, undefined, undefined, undefined]);
  });

  it("have no value later than the time that they were read at", () => {
    const line = shown(metric("timing.tls", [1, 2]));
    const check = (now: number, expected: number[]): void => {
      expect(linesOf([line], 90, now).dates).toEqual(expected);
      expect(stopsOf([line], now)).toEqual(expected);
    };
    check(1_000, [150, 450]);
    check(320, [150, 310]);
    check(300, [150, 300]);
  });

  it("have a scale for values of any size", () => {
    const check = (values: number[], expected: [number, number]): void => {
      const flat = { mins: values, maxs: values };
      expect(endsOf([shown(metric("a", values, flat))])).toEqual(expected);
    };
    check([1e308, -1e308], [-8e307, 8e307]);
    check([0], [0, 1]);
  });

  it("begin at zero, unless the values are far from it and near each other", () => {
    const check = (metrics: MeasuredMetric[], low: number, high: number): void => {
      const [least, most] = endsOf(metrics.map((one) => shown(one)));
      expect([least, most].map((end) => Math.round(end))).toEqual([low, high]);
    };
    check([], 0, 1);
    check([metric("a", [10, 20])], 0, 43);
    const near = metric("a", [100], { mins: [99], maxs: [101] });
    check([near], 99, 101);
    check([{ ...near, unit: "/s" }], 0, 101);
    check([metric("a", [10], { mins: [10], maxs: [1000] })], 0, 42);
    check([metric("a", [-10], { mins: [-20], maxs: [-5] })], -21, -4);
    // A threshold that flattens nothing is shown, another one is not.
    check([metric("a", [50], { maxs: [50], warn: [80], crit: [900] })], 0, 84);
  });
});

describe("a value of the history", () => {
  it.each<[number, string, string]>([
    [0.0123, "s", "12.3 ms"],
    [0, "s", "0 ms"],
    [0.000_05, "s", "under 0.1 ms"],
    [-0.5, "s", "-500 ms"],
    [1536, "B", "1.5 KiB"],
    [1, "B", "1 byte"],
    [1.5, "B", "1.5 bytes"],
    [0, "B", "0 bytes"],
    [1023, "B", "0.999 KiB"],
    [0, "B", "0 bytes"],
    [71.234, "%", "71.2%"],
    [999, "", "999"],
    [81_234.5, "", "≈ 81,200"],
    [-81_234.5, "MB", "≈ -81,200 MB"],
    [61, "d", "61 d"],
    [999_900, "c", "1 million"],
    [1_234_567, "c", "1.23 million"],
    [1_234_567.8, "MB", "1.23 million MB"],
    [4_118, "/s", "≈ 4,120/s"],
    [0.000_012, "", "1.2e-5"],
    [1e307, "", "1e307"],
  ])("%s %s looks as rounded as it is: “%s”", (value, unit, expected) =>
    expect(roundedText(value, unit)).toBe(expected),
  );
  it.each<[number, string, string, string]>([
    [1_234_567, "c", "1,234,567", "1.23457 million"],
    [81_234.5, "MB", "81,234.5 MB", "81,234.5 MB"],
    [83, "%", "83%", "83%"],
    [-5, "", "-5", "-5"],
    [2.5e306, "", "2.5e306", "2.5e306"],
  ])("%s %s is “%s” exactly, and “%s” at an axis", (value, unit, exact, mark) =>
    expect([exactText(value, unit), markText(value, unit)]).toEqual([exact, mark]),
  );
});

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
  const group = groupOf([metric("timing.tls", [0.02]), metric("timing.body", [0.01, 0.01])]);
  expect(saidAt(group, 100, 100)).toMatch(/: tls 20.0 ms \(10.0 ms to 40.0 ms\), body 10.0 ms/);
  expect(saidAt(group, 400, 400)).toMatch(/: body 10.0 ms \(5.00 ms to 20.0 ms\)$/);
  expect(saidAt(group, 900, 900)).toMatch(/: no values$/);
});

describe("the thresholds of a plugin", () => {
  afterEach(withoutPen);
  const drawn = (warn: number[], crit: number[], facts: Fact[]): MetricChart => {
    const disk = metric("perfdata.disk", [50, 60], { unit: "%", warn, crit });
    const group = groupOf([disk], { ...LATER, facts });
    return { group, gap: 90, now: 1e9, log: false, from: 0, to: 600 };
  };
  const fact = (text: string): Fact[] => [{ label: "disk", text }];
  it.each<[number[], number[], Fact[], number, string[]]>([
    [[80], [100], [], 2, ["warns at 80%", "critical at 100%"]],
    [[80], [100], fact("60% (warn 80, crit 100)"), 2, ["warns above 80%", "critical above 100%"]],
    [[80], [9000], fact("60% (warn 80:, crit 1)"), 1, ["warns below 80%", "critical at 9,000% ↑"]],
    [[8000], [9000], [], 0, ["warns at 8,000% ↑", "critical at 9,000% ↑"]],
    [[-500], [], [], 0, ["warns at -500% ↓"]],
    [[40, 80], [], fact("60% (warn 40:80)"), 2, ["warns below 40%", "warns above 80%"]],
    [[40, 80], [], fact("60% (warn @40:80)"), 2, ["warns between 40% and 80%"]],
    [[], [], [], 0, []],
  ])("%j and %j of %j are %i lines, and named %j", async (warn, crit, facts, lines, names) => {
    const pen = withPen(400);
    const told = (): void => undefined;
    const plot = new MetricPlot(document.body, 400, drawn(warn, crit, facts), PALETTE, STILL, told);
    await Promise.resolve();
    const tones = ["partly", "down"];
    const dashed = pen.of("stroke").filter(({ stroke }) => tones.includes(String(stroke)));
    expect(dashed).toHaveLength(lines);
    const said = pen.of("fillText").map(({ args }) => String(args[0]));
    expect(said.filter((text) => /warns|critical/.test(text))).toEqual(names);
    plot.destroy();
  });
});

describe("the section", () => {
  let page: Shown | null = null;
  afterEach(() => {
    page?.end();
    page = null;
    resize(1_024);
  });
  async function shownWith(value: MeasuredMetric[], facts: Fact[] = []): Promise<StubWire> {
    const tree = treeOf(rowsOf("Root\n  A"));
    const wire = new StubWire(tree);
    const [, row] = tree.rows;
    if (row === undefined) throw new Error("two rows");
    const source = { row, target: null, address: null, program: null, timing: [], facts };
    wire.answers.set("source", {
      answer: "source",
      value: { ...source, interval: 30, timeout: 9 },
    });
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
    page = await show(wire);
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

  const texts = (selector: string): string[] => all(selector).map((cell) => cell.textContent);

  it("says the thresholds of a plugin, however far they are, and the exact value", async () => {
    const far = { unit: "%", warn: [80], crit: [10, 9000] };
    const facts = [{ label: "disk", text: "50.04% (warn 80:, crit @10:9000, least 0)" }];
    await shownWith([metric("perfdata.disk", [40, 50], far)], facts);
    expect(texts("figure p.selectable")).toEqual([
      "Warns below 80%, critical between 10% and 9,000%.",
    ]);
    expect(texts("figure td").slice(0, 1)).toEqual(["50.04%"]);
  });

  it("has the rate of a counter, and its value of now", async () => {
    const values = [1_000_000, 1_300_000];
    const counted = metric("perfdata.rx", values, { unit: "c", mins: values, maxs: values });
    await shownWith([counted], [{ label: "rx", text: "1301234 c" }]);
    expect(texts("figure p.selectable")).toEqual(["Rate of a counter, which is at 1,301,234 now."]);
    expect(texts("figure td")).toEqual(Array(4).fill("≈ 1,000/s"));
  });

  it("has the only value of a span as a text in place of a chart", async () => {
    await shownWith([metric("perfdata.disk", [50], { unit: "%" })]);
    expect(texts("figure p")).toEqual(["Only one value in this span: 50%."]);
    expect(all("figure [role=slider]")).toEqual([]);
  });

  it("cuts a long name in the middle, and has all of it in the title", async () => {
    const label = `${"very ".repeat(40)}long`;
    await shownWith([metric("perfdata.x", [1, 2], { label })]);
    for (const name of all("figure bdi")) {
      expect([name.textContent.length, name.title]).toEqual([expect.any(Number), label]);
      expect(name.textContent).toMatch(/^very.*….*long$/);
      expect(name.textContent.length).toBeLessThanOrEqual(48);
    }
  });

  it("is a list in a narrow window", async () => {
    resize(320);
    await shownWith([metric("timing.tls", [0.02, 0.04])]);
    expect(all("figure table")).toEqual([]);
    expect(texts("figure li dt")).toEqual(["Last", "Least", "Mean", "Most"]);
    expect(texts("figure li dd")).toEqual(["40.0 ms", "10.0 ms", "30.0 ms", "80.0 ms"]);
  });

  it("is not there without metrics", async () => {
    const wire = await shownWith([]);
    expect(wire.count("metrics")).toBeGreaterThan(0);
    expect(document.body.textContent).not.toContain("Measured");
  });
});
