import { mount, unmount } from "svelte";
import { afterEach, expect, it, vi } from "vitest";

import { scatterEnds, slowestFirst } from "../src/state/spread";
import Scatter from "../src/view/Scatter.svelte";
import { EMPTY_HISTORY, one, press, settle } from "./stub";
import { withoutPen, withPen } from "./pen";
import type { Pen } from "./pen";

let app: object | null = null;
afterEach(() => {
  if (app !== null) void unmount(app);
  app = null;
  withoutPen();
});

const WIDTH = 400;
/** Ninety-nine quick samples, and one that timed out. */
const VIEW = {
  ...EMPTY_HISTORY,
  dates: Array.from({ length: 100 }, (_, at) => at),
  statuses: Array.from({ length: 100 }, (_, at) => (at === 50 ? 0 : 1)),
  durations: Array.from({ length: 100 }, (_, at) => (at === 50 ? 10 : 0.1 + at / 1000)),
  causeOf: Array.from({ length: 100 }, (_, at) => (at === 50 ? 0 : null)),
  causes: ["no whole answer within 10 s"],
  count: 100,
  p99: 0.2,
};

const seen: number[] = [];
async function shownWith(log: boolean): Promise<Pen> {
  const pen = withPen(WIDTH);
  seen.length = 0;
  document.body.innerHTML = "";
  const props = { view: VIEW, name: "A", log, show: (date: number) => void seen.push(date) };
  app = mount(Scatter, { target: document.body, props });
  await settle();
  return pen;
}
/** The places of the dots from the left, in pixels. */
const dotsOf = (pen: Pen): number[] => pen.of("arc").map(({ args }) => Number(args[0]));

it("the scale follows the bulk, unless it is logarithmic", () => {
  const points = slowestFirst(VIEW);
  expect(scatterEnds(points, 0.2, false)[1]).toBeCloseTo(0.3);
  expect(scatterEnds(points, null, false)[1]).toBeCloseTo(10.8);
  expect(10 ** scatterEnds(points, 0.2, true)[1]).toBeGreaterThan(10);
});

it("one timeout does not flatten the others, and is marked at the edge", async () => {
  const pen = await shownWith(false);
  const dots = dotsOf(pen);
  expect(dots).toHaveLength(99);
  expect(Math.max(...dots) - Math.min(...dots)).toBeGreaterThan(WIDTH / 4);
  // An arrow of three corners at the end of the scale, and no cross.
  const corners = pen.of("lineTo").map(({ args }) => Number(args[0]));
  expect(corners).toEqual([WIDTH - 14 + 7, WIDTH - 14]);
  expect(one("p").textContent).toBe(
    "Wholly up: 99, the slowest 199 ms. Not: 1, the slowest 10.0 s. Arrows: longer than 300 ms.",
  );
});

it("a logarithmic scale shows all of them in their places", async () => {
  const pen = await shownWith(true);
  expect(dotsOf(pen)).toHaveLength(99);
  expect(pen.of("lineTo"), "the two strokes of a cross").toHaveLength(2);
  expect(one("p").textContent).not.toContain("Arrows");
});

it("leads to the sample that the keys or the pointer chose", async () => {
  await shownWith(false);
  const slider = one("[role=slider]");
  expect(slider.getAttribute("aria-valuetext")).toContain("0% up, 10.0 s, no whole answer");
  slider.focus();
  await press("Enter");
  await press("ArrowLeft");
  expect(slider.getAttribute("aria-valuetext")).toContain("100% up, 199 ms");
  await press("Enter");
  expect(seen).toEqual([50, 99]);

  vi.spyOn(HTMLCanvasElement.prototype, "getBoundingClientRect").mockReturnValue(
    new DOMRect(0, 0, WIDTH, 150),
  );
  // The arrow at the right edge, at the height of what is down; and where there is none.
  const click = (clientX: number, clientY: number): boolean =>
    slider.dispatchEvent(new MouseEvent("click", { clientX, clientY, bubbles: true }));
  click(WIDTH - 14, 132);
  click(WIDTH / 2, 75);
  expect(seen).toEqual([50, 99, 50]);
});
