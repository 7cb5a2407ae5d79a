import { afterEach, describe, expect, it } from "vitest";

import { Lines } from "../src/chart/lines";
import { alignedOf, bulkOf, mediansSaid, medianStops } from "../src/state/medians";
import type { PathBand, SpanPart } from "../src/wire/wire";
import { PALETTE, STILL, withoutPen, withPen } from "./pen";

/** A part of ten seconds with that median. */
function part(from: number, p50: number | null): SpanPart {
  const known = { uptime: 1, lowest: 1, highest: 1, count: 2, unknown: 0 };
  return { from, to: from + 10, ...known, p50, p95: p50, p99: p50, longest: p50 };
}
const band = (path: string, parts: SpanPart[]): PathBand => ({
  path,
  uptime: 1,
  watched: 60,
  parts,
  error: null,
});

describe("the medians of several sources", () => {
  const bands = [
    band("/R/a", [part(0, 0.1), part(10, 0.2)]),
    band("/R/b", [part(10, 3), part(20, null)]),
  ];

  it("stand at the same dates", () => {
    expect(alignedOf(bands)).toEqual([
      [5, 15],
      [0.1, 0.2],
      [undefined, 3],
    ]);
  });
  it("end where there were no samples for longer than usual", () => {
    const gap = [part(0, 1), part(10, 1), part(20, 1), part(90, 1)];
    expect(alignedOf([band("/a", gap)])).toEqual([
      [5, 15, 25, 30, 95],
      [1, 1, 1, null, 1],
    ]);
  });
  it("are said for a date of each", () => {
    expect(medianStops(bands)).toEqual([5, 15]);
    expect(mediansSaid(bands, 15, 20)).toMatch(/: a 200 ms, b 3.00 s$/);
    expect(mediansSaid(bands, 5, 20)).toMatch(/: a 100 ms$/);
    expect(mediansSaid(bands, 25, 20)).toMatch(/: no samples$/);
  });
  it("have a bulk", () => {
    expect(bulkOf([])).toBeNull();
    expect(bulkOf([band("/a", [part(0, 2), part(10, 1), part(20, null)])])).toBe(2);
  });
});

describe("the chart of the medians", () => {
  afterEach(withoutPen);
  const parts = Array.from({ length: 200 }, (_, at) => part(at * 10, at === 100 ? 10 : 0.1));

  it.each([
    [false, 1],
    [true, 0],
  ])("marks what lies above the scale, if it is logarithmic: %s", async (log, marks) => {
    const pen = withPen(400);
    const drawn = { bands: [band("/a", parts)], log, from: 0, to: 2_000 };
    const lines = new Lines(document.body, 400, drawn, PALETTE, STILL, () => undefined);
    await Promise.resolve();
    expect(pen.of("fill").filter(({ fill }) => fill === PALETTE.lines[0])).toHaveLength(marks);
    lines.destroy();
  });
});
