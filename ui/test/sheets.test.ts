import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { barSheet } from "../src/chart/barSheet";
import { bubbleAt, bubblesHeight, drawBubbles, placeOf } from "../src/chart/bubbles";
import { figureSheet } from "../src/chart/figureSheet";
import { headingSheet, remarkSheet } from "../src/chart/headingSheet";
import { legendSheet } from "../src/chart/legendSheet";
import { inPairs, linesOf, sheetOf } from "../src/chart/sheet";
import { tableSheet } from "../src/chart/tableSheet";
import { weekSheet } from "../src/chart/weekSheet";
import { yearSheet } from "../src/chart/yearSheet";
import { monthBars, yearOf } from "../src/state/longView";
import { bubblesOf } from "../src/state/overview";
import { durationBars } from "../src/state/spread";
import { PALETTE, withoutPen, withPen } from "./pen";
import type { Pen } from "./pen";

let pen: Pen;
beforeEach(() => (pen = withPen(400)));
afterEach(withoutPen);

/** A text on a sheet: where its line is, and from where to where it reaches. */
interface Placed {
  text: string;
  line: number;
  left: number;
  right: number;
}

/** The texts that were written. Every letter of this pen is 6 pixels wide. */
function placed(): Placed[] {
  return pen
    .of("fillText")
    .map(({ args, align }) => {
      const [text, x, line] = [String(args[0]), Number(args[1]), Number(args[2])];
      const wide = text.length * 6;
      const left = align === "right" ? x - wide : x;
      return { text, line, left, right: left + wide };
    })
    .filter(({ text }) => text !== "");
}

const LONG = "a name of something that is far too long for the line that it stands on";
const parts = (count: number): { uptime: number; duration: number }[] =>
  Array.from({ length: count }, (_, at) => ({ uptime: 1 - at / 1_000, duration: 0.1 + at }));
const NOW = 1_795_348_800;
const SHEETS: Readonly<Record<string, (width: number) => HTMLCanvasElement>> = {
  heading: (width) => headingSheet(LONG.repeat(3), width, PALETTE),
  figures: (width) => {
    const figure = { value: "99.98%", remark: "95% within 2.00 s, 99% within 2.97 s" };
    const figures = ["Uptime", "Down", "Median"].map((label) => ({ label, ...figure }));
    return figureSheet(figures, width, PALETTE);
  },
  bars: (width) => {
    const counts = Array.from({ length: 40 }, (_, at) => {
      return { from: 1.2 ** at / 100, to: 1.2 ** (at + 1) / 100, count: at };
    });
    const picture = { title: LONG, bars: durationBars(counts), remark: LONG.repeat(2) };
    return barSheet(picture, width, PALETTE);
  },
  months: (width) =>
    barSheet({ title: "Months", ...monthBars(parts(12), "uptime") }, width, PALETTE),
  "hours by uptime": (width) => weekSheet(parts(168), "uptime", width, PALETTE),
  "hours by duration": (width) => weekSheet(parts(168), "duration", width, PALETTE),
  bubbles: (width) => {
    const paths = Array.from({ length: 20 }, (_, at) => {
      const path = `/R/${at % 3 === 0 ? LONG : "short"} ${at}`;
      return { path, uptime: 1 - at / 100, watched: 60, deviation: 0.1, count: 1, level: at % 5 };
    });
    const bubbles = bubblesOf(paths, new Map());
    return sheetOf(width, bubblesHeight(width), (pen) => drawBubbles(pen, bubbles, width, PALETTE));
  },
  legend: (width) => {
    const marks = ["down", "partly", "unconfirmed", "unknown"] as const;
    return legendSheet(
      marks.map((mark) => ({ mark, text: LONG.slice(0, 40) })),
      width,
      50,
      PALETTE,
    );
  },
  remark: (width) => remarkSheet(LONG.repeat(3), width, PALETTE),
  year: (width) => yearSheet(yearOf([], NOW), width, PALETTE),
  table: (width) => {
    const figures = ["1.24 s", "1.24 ms", "", LONG];
    const rows = ["short", LONG].flatMap((name) => [
      { name, figures, tone: "up" as const },
      { name, figures, line: { colour: "line 1", dash: [] } },
    ]);
    return tableSheet(["Name", "Last", "Least", "Most", "Warning"], rows, width, PALETTE);
  },
};

describe.each(Object.entries(SHEETS))("the sheet of the %s", (_, draw) => {
  it.each([372, 940])(
    "writes nothing beyond its edges, %d pixels apart, nor over another text",
    (width) => {
      const { height } = draw(width);
      const all = placed();
      expect(all).not.toHaveLength(0);
      for (const { text, left, right, line } of all) {
        expect([left >= 0, right <= width + 0.01, line > 0, line < height], text).toEqual(
          Array(4).fill(true),
        );
      }
      for (const one of all) {
        const over = all.filter((other) => {
          const isLine = other !== one && other.line === one.line;
          return isLine && other.left < one.right && other.right > one.left;
        });
        expect(over, one.text).toEqual([]);
      }
    },
  );
});

it("a year names days of the week, and bars have a scale and both ends", () => {
  yearSheet(yearOf([], NOW), 900, PALETTE);
  expect(placed().map(({ text }) => text)).toEqual(expect.arrayContaining(["Mon", "Thu", "Sun"]));
  pen.clear();
  barSheet({ title: "Months", ...monthBars(parts(12), "uptime") }, 400, PALETTE);
  expect(placed().map(({ text }) => text)).toEqual(expect.arrayContaining(["100%", "95%", "Jan"]));
  pen.clear();
  const bars = durationBars([{ from: 0.02, to: 0.024, count: 7 }]);
  barSheet({ title: "Duration", bars, remark: "" }, 400, PALETTE);
  expect(placed().find(({ text }) => text === "24 ms")?.right).toBe(400);
});

it("a long name is cut in the middle", () => {
  headingSheet(LONG, 120, PALETTE);
  expect(placed()[0]?.text).toBe("a name of…stands on");
});

it("a line is broken between words, and a word that is too long is cut", () => {
  const style = { size: 12, colour: "text" };
  const lines = linesOf(pen.context, `one two three ${"x".repeat(40)}y four`, style, 60);
  expect(lines).toEqual(["one two", "three", "xxxxx…xxxy", "four"]);
});

it.each([
  [500, [500, 500]],
  [600, [600]],
])("sheets on %d pixels are side by side if there is room", (width, expected) => {
  const draw = (title: string, wide: number): HTMLCanvasElement =>
    headingSheet(title, wide, PALETTE);
  expect(inPairs(["a", "b"], width, draw).map((one) => one.width)).toEqual(expected);
});

it("the bubble under the pointer is the one on top", () => {
  const path = { uptime: 0.5, watched: 60, count: 1, level: 4 };
  const bubbles = bubblesOf(
    [
      { ...path, path: "/R", deviation: 0.5 },
      { ...path, path: "/R/a", deviation: 0 },
    ],
    new Map(),
  ).map((bubble) => ({ ...bubble, x: 0.5 }));
  const under = (left: number, top: number): string | undefined =>
    bubbleAt(bubbles, 400, [left, top])?.path.path;
  const [large, small] = bubbles.map((bubble) => placeOf(bubble, 400, 2));
  if (large === undefined || small === undefined) throw new Error("two bubbles are placed");
  expect(under(small.left, small.top)).toBe("/R/a");
  expect(under(large.left + large.radius - 1, large.top)).toBe("/R");
  expect(under(large.left + large.radius + 1, large.top)).toBeUndefined();
});
