/**
 * Draws the status as a stepped area, with stripes where it is down and dots where it is unknown.
 */
import type uPlot from "uplot";

import type { Durations, Step } from "../state/history";
import { isUp, levelOf } from "../state/status";
import { toneOf } from "../state/statusStyle";
import { textureOf } from "./palette";
import type { Palette } from "./palette";

/**
 * The smallest width in pixels of a step that is not up, so that a short outage shows in a long
 * span.
 */
const LEAST = 2;

/** The position of a step, in pixels of the canvas. */
interface Box {
  left: number;
  width: number;
  step: Step;
}

/** The boxes of the visible steps. Those that are not up come last and lie on top. */
function boxesOf(plot: uPlot, steps: readonly Step[], ratio: number): Box[] {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const edge = plot.bbox.left + plot.bbox.width;
  const boxes: Box[] = [];
  for (const step of steps) {
    if (step.to < min || step.from > max) continue;
    const least = (isUp(levelOf(step.status)) ? 1 : LEAST) * ratio;
    // The newest step starts at the very edge, and would be cut off there.
    const left = Math.min(plot.valToPos(step.from, "x", true), edge - least);
    const right = plot.valToPos(step.to, "x", true);
    boxes.push({ left, width: Math.max(right - left, least), step });
  }
  return boxes.sort((a, b) => (b.step.status ?? 1) - (a.step.status ?? 1));
}

export function drawSteps(plot: uPlot, steps: readonly Step[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const stripes = textureOf(ctx, "stripes", palette.tone.down, ratio);
  const dots = textureOf(ctx, "dots", palette.tone.none, ratio);
  const floor = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { left, width, step } of boxesOf(plot, steps, ratio)) {
    const level = levelOf(step.status);
    const tone = toneOf(level);
    if (step.status === null || level === null || level < 2) {
      // Unknown and down fill the whole height. Only the line shows how low the status was.
      ctx.clearRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = step.status === null ? dots : stripes;
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    if (step.status === null) continue;
    const line = Math.round(2 * ratio);
    const top = Math.round(bbox.top + (1 - step.status) * (bbox.height - line));
    ctx.fillStyle = palette.tone[tone];
    if (level !== null && level >= 2) {
      ctx.clearRect(left, bbox.top, width, bbox.height);
      ctx.globalAlpha = tone === "up" ? 0.18 : 0.24;
      ctx.fillRect(left, top, width, floor - top);
      ctx.globalAlpha = 1;
    }
    ctx.fillRect(left, top, width, line);
  }
  ctx.restore();
}

/** Draws a small triangle at the top edge where durations lie above the scale. */
export function drawBeyond(plot: uPlot, durations: Durations, palette: Palette): void {
  const { ctx, bbox } = plot;
  const top = plot.scales.y?.max ?? Infinity;
  const size = 4 * devicePixelRatio;
  let free = -Infinity;
  ctx.save();
  ctx.fillStyle = palette.accent;
  durations.dates.forEach((date, at) => {
    if ((durations.most[at] ?? 0) <= top) return;
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
