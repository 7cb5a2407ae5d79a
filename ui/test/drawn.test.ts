import { afterEach, describe, expect, it, vi } from "vitest";
import type uPlot from "uplot";

import { Plots } from "../src/chart/plots";
import { drawIncidents, drawParts, drawSteps } from "../src/chart/steps";
import { stepsOf } from "../src/state/history";
import { durationsOf } from "../src/state/parts";
import type { SpanPart } from "../src/wire/wire";
import { PALETTE, Pen, STILL, withoutPen, withPen } from "./pen";

afterEach(withoutPen);

/** A plotting area of 100 by 50 pixels for the time from 0 to 100, and the pen that draws on it. */
function area(): { plot: uPlot; pen: Pen } {
  const pen = new Pen();
  // The pattern of a texture shows its colour.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const plot = {
    ctx: pen.context,
    bbox: { left: 0, top: 0, width: 100, height: 50 },
    scales: { x: { min: 0, max: 100 } },
    valToPos: (value: number) => value,
  };
  return { plot: plot as unknown as uPlot, pen };
}

/** Each filled rectangle: from where to where it is, its top and height, and its colour. */
const boxesOf = (pen: Pen): [number, number, number, number, unknown][] =>
  pen.of("fillRect").map(({ args, fill }) => {
    const [left = 0, top = 0, width = 0, height = 0] = args.map(Number);
    return [left, left + width, top, height, fill];
  });

function part(from: number, more: Partial<SpanPart> = {}): SpanPart {
  const known = { uptime: 1, lowest: 1, highest: 1, count: 2, unknown: 0 };
  const took = { p50: 0.1, p95: 0.2, p99: 0.3, longest: 0.4 };
  return { from, to: from + 10, ...known, ...took, ...more };
}

describe("the parts of a span", () => {
  it("are a mean in a band from the lowest to the highest status, and nothing where there is a gap", () => {
    const { plot, pen } = area();
    drawParts(plot, [part(0), part(40, { uptime: 0.5, lowest: 0.25, highest: 1 })], PALETTE);
    expect(boxesOf(pen)).toEqual([
      [0, 10, 0, 50, "up"],
      [0, 10, 0, 2, "up"],
      [40, 50, 24, 26, "partly"],
      [40, 50, 0, 36, "partly"],
      [40, 50, 24, 2, "partly"],
    ]);
    expect(boxesOf(pen).some(([left, right]) => left < 40 && right > 10)).toBe(false);
  });

  it("are dots of their whole height where only unknown samples are", () => {
    const { plot, pen } = area();
    drawParts(plot, [part(20, { uptime: null, lowest: null, highest: null })], PALETTE);
    expect(boxesOf(pen)).toEqual([[20, 30, 0, 50, "none"]]);
  });
});

it("every incident is a column with a foot, however many there are and however short", () => {
  const { plot, pen } = area();
  const marks = Array.from({ length: 900 }, (_, at) => {
    const from = at / 9;
    return { from, until: from + 0.01, level: at % 2 === 0 ? 0 : 2, cause: null, count: 1 };
  });
  const lasting = { from: 99, until: null, level: 0, cause: null, count: 1 };
  drawIncidents(plot, [...marks, lasting], PALETTE);
  const boxes = boxesOf(pen);
  expect(boxes).toHaveLength(901 * 2);
  expect(boxes[0]).toEqual([0, 2, 0, 50, "down"]);
  expect(boxes[1]).toEqual([0, 2, 47, 3, "down"]);
  expect(boxes[3]?.[4]).toBe("partly");
  expect(boxes.at(-1)?.slice(0, 2), "one that lasts ends with the span").toEqual([99, 101]);
});

it("nothing is drawn over a time without samples", () => {
  const { plot, pen } = area();
  // The area is 100 s wide, and a sample stands for 300 s: the second one ends before it begins.
  const view = {
    dates: [-320, -310, 60],
    statuses: [1, 0, 1],
    durations: [1, 1, 1],
    gap: 310,
    to: 100,
  };
  drawSteps(plot, stepsOf(view), PALETTE);
  const boxes = boxesOf(pen);
  expect(boxes.length).toBeGreaterThan(0);
  expect(boxes.every(([left]) => left >= 60)).toBe(true);
});

describe("the chart of the durations", () => {
  const parts = [part(0), part(10), part(20, { longest: 60 }), part(80), part(90)];
  const drawn = {
    steps: null,
    parts,
    marks: [],
    durations: durationsOf(parts, 25),
    log: false,
    p99: 0.3,
    notes: [],
    from: 0,
    to: 100,
  };
  async function penOf(log: boolean): Promise<Pen> {
    const pen = withPen(400);
    const told = { pointed: () => undefined, framed: () => undefined };
    const boxes = [document.createElement("div"), document.createElement("div")] as const;
    const plots = new Plots(...boxes, 400, { ...drawn, log }, PALETTE, STILL, told);
    await Promise.resolve();
    plots.destroy();
    return pen;
  }
  const labels = (pen: Pen): string[] => pen.of("fillText").map(({ args }) => String(args[0]));

  it("has a line in two bands, and marks what is above the scale", async () => {
    const pen = await penOf(false);
    const fills = pen.of("fill").map(({ fill }) => String(fill));
    expect(fills).toContain("accent48");
    expect(fills).toContain("accent22");
    expect(fills.filter((fill) => fill === "accent")).not.toHaveLength(0);
    expect(labels(pen)).toContain("0");
  });

  it("has decades on a logarithmic scale, which begins above zero", async () => {
    const text = labels(await penOf(true));
    expect(text).toContain("100 ms");
    expect(text).toContain("1.00 s");
    expect(text).toContain("10.0 s");
    expect(text).not.toContain("0");
  });
});
