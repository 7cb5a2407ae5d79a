import type uPlot from "uplot";
import { describe, expect, it } from "vitest";

import { drawPoints } from "../src/chart/points";
import { placeTags, withRoom } from "../src/chart/thresholds";
import type { TagBox } from "../src/chart/thresholds";
import { Pen } from "./pen";

const PLOT: TagBox = { left: 50, top: 10, width: 300, height: 80 };

describe("the tags of thresholds", () => {
  const placed = (...lines: number[]): (TagBox | null)[] =>
    placeTags(
      lines.map((line) => ({ line, width: 90 })),
      PLOT,
      1,
    );
  const tops = (...lines: number[]): (number | undefined)[] =>
    placed(...lines).map((box) => box?.top);

  it("lie above their lines, or below where there is no room above", () => {
    expect(tops(50)).toEqual([34]);
    expect(tops(12)).toEqual([14]);
    expect(tops(10, 90)).toEqual([12, 74]);
  });

  it.each([[[50, 52]], [[50, 50, 50]], [[10, 14, 20]], [[88, 90, 84]], [[30, 44, 46]]])(
    "of lines at %j lie within the plot, and none on another",
    (lines) => {
      const boxes = placed(...lines).filter((box) => box !== null);
      expect(boxes).toHaveLength(lines.length);
      boxes.forEach((box, at) => {
        const { left, top, width, height } = box;
        expect([left >= 50, left + width <= 350, top >= 10, top + height <= 90]).toEqual(
          Array(4).fill(true),
        );
        for (const other of boxes.slice(at + 1)) {
          const isBeside = other.left + other.width <= left || left + width <= other.left;
          expect(isBeside || Math.abs(other.top - top) >= height, JSON.stringify(boxes)).toBe(true);
        }
      });
    },
  );

  it("are struck through by no line if there is room", () => {
    const lines = [50, 40];
    for (const box of placed(...lines)) {
      const struck = lines.filter((line) => box !== null && line > box.top && line < box.top + 14);
      expect(struck).toEqual([]);
    }
  });

  it("hide no value if there is room beside it", () => {
    const traced = [300, 320, 340].map((left) => ({ left, top: 42 }));
    const [box] = placeTags([{ line: 50, width: 90 }], PLOT, 1, traced);
    expect(box?.top).toBe(52);
    const both = [...traced, ...traced.map(({ left }) => ({ left, top: 60 }))];
    const [other] = placeTags([{ line: 50, width: 90 }], PLOT, 1, both);
    expect((other?.left ?? 999) + 90).toBeLessThan(300);
  });

  it("are left out where they have no room", () => {
    expect(placeTags([{ line: 50, width: 400 }], PLOT, 1)).toEqual([null]);
  });
});

describe("a scale with room for the tags of thresholds", () => {
  /** How much of the height is above the highest value and below the lowest one. */
  const check = (
    ends: [number, number],
    places: number[],
    [least, most]: [number, number],
    expected: [number, number],
  ): void => {
    const [low, high] = withRoom(ends, places);
    const shares = [(high - most) / (high - low), (least - low) / (high - low)];
    expect(shares.map((share) => Math.round(share * 100) / 100)).toEqual(expected);
  };
  it("has a row beyond the values for the thresholds outside, and above the highest line inside", () => {
    check([40, 45], [], [40, 45], [0, 0]);
    check([40, 45], [20, 30], [40, 45], [0, 0.2]);
    check([40, 49], [20, 30, 50, 90], [40, 50], [0.4, 0.2]);
    check([40, 45], [20, 30, 80, 90], [40, 45], [0.2, 0.2]);
    check([0, 100], [90], [0, 90], [0.2, 0]);
  });
});

describe("the points of a line", () => {
  const drawn = (places: (number | null | undefined)[], width: number): unknown[] => {
    const pen = new Pen();
    const plot = {
      ctx: pen.context,
      bbox: { left: 0, top: 0, width, height: 50 },
      scales: { x: { min: 0, max: places.length - 1 } },
      valToPos: (value: number) => value,
    };
    const dates = places.map((_, at) => at);
    drawPoints(plot as unknown as uPlot, dates, places, "accent");
    expect(pen.of("clip"), "a point at the edge is whole").toEqual([]);
    return pen.of("arc").map(({ args }) => args[0]);
  };
  it.each<[(number | null | undefined)[], number, number[]]>([
    [[1, 2, 3], 400, [0, 1, 2]],
    [[1, 2, 3], 24, []],
    [[1, 2, null, 3, null, 4, 5], 24, [3]],
    // What is undefined belongs to another line.
    [[1, undefined, 2, null, undefined, 3], 24, [5]],
    [[99], 400, []],
  ])("%j on %i pixels are drawn at %j", (places, width, expected) =>
    expect(drawn(places, width)).toEqual(expected),
  );
});
