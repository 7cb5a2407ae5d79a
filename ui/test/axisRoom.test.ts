import { afterEach, expect, it } from "vitest";

import { MetricPlot } from "../src/chart/metricPlot";
import { AxisRoom } from "../src/state/axisRoom.svelte";
import { PALETTE, STILL, withoutPen, withPen } from "./pen";

afterEach(withoutPen);

it("is as wide as the widest label of all charts, and no less than usual", () => {
  const room = new AxisRoom();
  const [a, b] = [{}, {}];
  const check = (found: number, expected: number): void => {
    expect([found, room.width]).toEqual([expected, expected]);
  };
  check(room.need(a, 10), 52);
  check(room.need(b, 71), 72);
  check(room.need(a, 60), 72);
  room.forget(b);
  expect(room.width).toBe(60);
  room.forget(a);
  expect(room.width).toBe(52);
});

it("has room for labels with a long unit", async () => {
  const pen = withPen(400);
  const room = new AxisRoom();
  const columns = { begins: [0], ends: [50], counts: [1], mins: [0], means: [700], maxs: [800] };
  const named = { name: "size", label: "Size", unit: "furlongs", last: 700, warn: [], crit: [] };
  const group = {
    key: "size",
    title: "Size",
    unit: "furlongs",
    metrics: [{ ...named, ...columns, exact: null, restarts: [], edges: [], remark: "" }],
    remark: "",
  };
  const drawn = { group, gap: 100, now: 100, log: false, from: 0, to: 100 };
  const target = document.createElement("div");
  const told = (): undefined => undefined;
  const plot = new MetricPlot(target, 400, drawn, PALETTE, { ...STILL, room }, told);
  await Promise.resolve();
  const labels = pen.of("fillText").map(({ args }) => String(args[0]));
  const longest = Math.max(
    ...labels.filter((text) => text.endsWith("furlongs")).map((text) => text.length),
  );
  // Every letter of this pen is 6 pixels wide.
  expect(longest).toBeGreaterThan(10);
  expect(room.width).toBeGreaterThanOrEqual(longest * 6 + 5);
  plot.destroy();
  expect(room.width).toBe(52);
});
