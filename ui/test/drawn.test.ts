import { afterEach, describe, expect, it, vi } from "vitest";
import type uPlot from "uplot";

import { drawStatus } from "../src/chart/columns";
import { Plots } from "../src/chart/plots";
import { stepsOf } from "../src/state/history";
import { durationsOf } from "../src/state/parts";
import { columnsOfSteps } from "../src/state/statusColumns";
import type { StatusColumn } from "../src/state/statusColumns";
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

const column = (more: Partial<StatusColumn> = {}): StatusColumn => ({
  mean: 1,
  down: 0,
  partly: 0,
  unconfirmed: 0,
  hasUnknown: false,
  ...more,
});
/** The boxes that are drawn of a hundred columns, which are up apart from these. */
function drawnWith(
  columns: Readonly<Record<number, StatusColumn | null>>,
): ReturnType<typeof boxesOf> {
  const { plot, pen } = area();
  const all = Array.from({ length: 100 }, (_, at) => (at in columns ? columns[at] : column()));
  drawStatus(
    plot,
    all.map((one) => one ?? null),
    PALETTE,
  );
  return boxesOf(pen);
}

describe("the columns of the status", () => {
  it("are one line and one area while nothing changes", () =>
    expect(drawnWith({})).toEqual([
      [0, 100, 0, 50, "up"],
      [0, 100, 0, 2, "up"],
    ]));

  it("have an outage as tall as its share, and a short one a few pixels tall and wide", () => {
    const outages = drawnWith({
      20: column({ mean: 0.6, down: 0.4 }),
      40: column({ mean: 0.999, down: 0.001 }),
      99: column({ mean: 0.5, down: 0.5 }),
    }).filter(([, , , , fill]) => fill === "down");
    expect(outages).toEqual([
      [20, 21, 0, 20, "down"],
      [20, 22, 0, 5, "down"],
      [40, 41, 0, 5, "down"],
      [40, 42, 0, 5, "down"],
      [99, 100, 0, 25, "down"],
      [98, 100, 0, 5, "down"],
    ]);
  });

  it("have an outage of several columns over the whole height, with the line where the status was", () => {
    const low = column({ mean: 0.25, down: 1 });
    expect(
      drawnWith({ 50: low, 51: low, 52: low }).filter(([, , , , fill]) => fill === "down"),
    ).toEqual([
      [50, 53, 0, 50, "down"],
      [50, 53, 36, 2, "down"],
    ]);
  });

  it("have the line near the top where they were mostly up, however many outages there are", () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [at, column({ mean: 0.96, down: 0.04 })]),
    );
    const boxes = drawnWith(many);
    expect(boxes.find(([, , , height]) => height === 2)).toEqual([0, 100, 2, 2, "up"]);
    const red = boxes.filter(([, , , , fill]) => fill === "down");
    expect(Math.max(...red.map(([, , top, height]) => top + height))).toBe(5);
  });

  it("hang stripes of what was partly up from above, down to the line", () => {
    const half = column({ mean: 0.5, partly: 1 });
    const columns = Array.from({ length: 10 }, (_, at) => [at + 50, half] as const);
    expect(
      drawnWith(Object.fromEntries(columns)).filter(([, , , , fill]) => fill === "partly"),
    ).toEqual([
      [50, 60, 24, 26, "partly"],
      [50, 60, 24, 2, "partly"],
      [50, 60, 0, 24, "partly"],
    ]);
  });

  it("have a thin plain mark of a failed check that was not confirmed, and no stripes", () => {
    const doubts = drawnWith({
      20: column({ mean: 0.999, unconfirmed: 0.001 }),
      40: column({ mean: 0, unconfirmed: 1 }),
      41: column({ mean: 0, unconfirmed: 1 }),
    }).filter(([, , , , fill]) => fill !== "up");
    expect(doubts).toEqual([
      [40, 42, 48, 2, "none"],
      [40, 42, 48, 2, "none"],
      [20, 21, 0, 14, "muted"],
      [20, 21, 0, 14, "muted"],
      [40, 42, 0, 50, "muted"],
      [40, 41, 0, 50, "muted"],
    ]);
  });

  it("are dots of their whole height where nothing but unknown samples is, else a foot", () => {
    const unknown = column({ mean: null, hasUnknown: true });
    expect(
      drawnWith({ 20: unknown, 21: unknown, 60: column({ hasUnknown: true }) }).filter(
        ([, , , , fill]) => fill === "none",
      ),
    ).toEqual([
      [20, 22, 0, 50, "none"],
      [60, 62, 47, 3, "none"],
    ]);
  });

  it("are empty over a time without samples", () => {
    // A sample stands for 300 s: the second one ends before the chart begins.
    const view = {
      dates: [-320, -310, 60],
      statuses: [1, 0, 1],
      durations: [1, 1, 1],
      gap: 310,
      to: 100,
    };
    const { plot, pen } = area();
    drawStatus(plot, columnsOfSteps(stepsOf(view), [], { from: 0, to: 100, count: 100 }), PALETTE);
    const boxes = boxesOf(pen);
    expect(boxes.length).toBeGreaterThan(0);
    expect(boxes.every(([left]) => left >= 60)).toBe(true);
  });
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
