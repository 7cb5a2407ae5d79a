/** What is drawn over the charts: marks of durations above the scale, and lines at notes. */
import type uPlot from "uplot";

import type { Palette } from "./palette";

/** Draws a small triangle at the top edge where durations lie above the scale. */
export function drawBeyond(
  plot: uPlot,
  dates: readonly number[],
  longest: readonly (number | null | undefined)[],
  placeOf: (duration: number) => number,
  colour: string,
): void {
  const { ctx, bbox } = plot;
  const top = plot.scales.y?.max ?? Infinity;
  const size = 4 * devicePixelRatio;
  let free = -Infinity;
  ctx.save();
  ctx.fillStyle = colour;
  dates.forEach((date, at) => {
    const duration = longest[at] ?? null;
    if (duration === null || placeOf(duration) <= top) return;
    const middle = plot.valToPos(date, "x", true);
    // Marks do not overlap, or a row of them would look like a line.
    if (middle < Math.max(bbox.left, free) || middle > bbox.left + bbox.width) return;
    free = middle + 2 * size;
    ctx.beginPath();
    ctx.moveTo(middle - size, bbox.top + size);
    ctx.lineTo(middle + size, bbox.top + size);
    ctx.lineTo(middle, bbox.top - size / 2);
    ctx.fill();
  });
  ctx.restore();
}

/** Draws a thin line for each note. */
export function drawNotes(plot: uPlot, dates: readonly number[], palette: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = palette.text;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  ctx.beginPath();
  for (const date of dates) {
    const left = Math.round(plot.valToPos(date, "x", true)) + 0.5;
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
  }
  ctx.stroke();
  ctx.restore();
}
