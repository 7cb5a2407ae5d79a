/** What the charts with a time axis share. */
// Must come before uPlot, which cannot be loaded without it.
import "./language";

import { untrack } from "svelte";
import uPlot from "uplot";

import type { AxisRoom } from "../state/axisRoom.svelte";
import { seconds } from "../state/format";
import { axisLabel } from "../state/history";
import { linearMarks, logMarks, scaledFrom, scaledTo } from "../state/scale";
import { zone } from "../state/zone.svelte";
import type { Palette } from "./palette";

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Cantarell, 'Noto Sans', sans-serif";

export function axis(palette: () => Palette, more: uPlot.Axis): uPlot.Axis {
  return {
    font: FONT,
    stroke: () => palette().muted,
    grid: { stroke: () => palette().line, width: 1 },
    ticks: { show: false },
    ...more,
  };
}

/** What is free beside a label of an upright axis, and the most of a chart that its labels take. */
const [BESIDE, MOST] = [8, 0.4];

/** The size of an upright axis, which has room for its widest label. */
export const roomIn =
  (room: AxisRoom) =>
  (plot: uPlot, labels: string[] | null): number => {
    const ctx = plot.ctx as CanvasRenderingContext2D | null;
    // The labels are not known yet, or there is nothing to measure them with.
    if (labels === null || ctx === null) return untrack(() => room.width);
    ctx.save();
    ctx.font = FONT;
    const widths = labels.map((text) => ctx.measureText(text).width);
    ctx.restore();
    return room.need(plot, Math.min(MOST * plot.width, Math.max(0, ...widths) + BESIDE));
  };

/** How wide a letter of a label is at most, in pixels. */
const LETTER = 7;

/** The marks of time, at whole hours and days of the chosen zone. A label that would be cut is left out. */
export const timeAxis = (palette: () => Palette): uPlot.Axis =>
  axis(palette, {
    values: (plot, splits, _, __, apart) => {
      const room = plot.width - plot.bbox.left / devicePixelRatio;
      return splits.map((at) => {
        const text = axisLabel(at, apart);
        const isCut = plot.valToPos(at, "x") + (text.length * LETTER) / 2 > room;
        return isCut ? "" : text;
      });
    },
    size: 22,
    gap: 4,
    space: 56,
  });

/** The marks of durations, which are drawn at their places on the scale. */
export const durationAxis = (
  palette: () => Palette,
  room: AxisRoom,
  isLog: () => boolean,
): uPlot.Axis =>
  axis(palette, {
    size: roomIn(room),
    splits: (_, __, min, max) => {
      const log = isLog();
      const marks = log ? logMarks(10 ** min, 10 ** max) : linearMarks(max, 4);
      return marks.map((mark) => scaledTo(mark, log));
    },
    values: (_, splits) =>
      splits.map((at) =>
        at === 0 && !isLog() ? "0" : seconds(scaledFrom(at, isLog())) || "0.1 ms",
      ),
  });

/** The ends of a logarithmic scale with some room around the durations. */
export function logEnds(least: number, most: number): [number, number] {
  if (!(most > 0)) return [-3, 0];
  const [first, last] = [scaledTo(least, true), scaledTo(most, true)];
  return [Math.min(first, last - 0.3) - 0.08, last + 0.08];
}

/** A date as uPlot places its marks: at the hours of the chosen zone. */
export const zoned = (date: number): Date => {
  const at = new Date(date * 1000);
  return zone.utc ? uPlot.tzDate(at, "Etc/UTC") : at;
};
