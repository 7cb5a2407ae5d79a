/**
 * Draws the status as a stepped area, with stripes where it is down and dots where it is unknown;
 * or, of more samples than can be drawn, the mean of each part with the range from the lowest to the
 * highest status around it, and the incidents.
 */
import type uPlot from "uplot";

import type { Step } from "../state/history";
import { toneOfMean } from "../state/parts";
import { isOutage, isUp, levelOf } from "../state/status";
import { toneOf } from "../state/statusStyle";
import type { IncidentMark, SpanPart } from "../wire/wire";
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

/** Restricts what is drawn to the plotting area. */
function within(plot: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

/** Draws the mean status of each part, and faintly the range of its statuses. */
export function drawParts(plot: uPlot, parts: readonly SpanPart[], palette: Palette): void {
  const { bbox } = plot;
  const line = Math.round(2 * devicePixelRatio);
  const dots = textureOf(plot.ctx, "dots", palette.tone.none, devicePixelRatio);
  const height = (status: number): number =>
    Math.round(bbox.top + (1 - status) * (bbox.height - line));
  within(plot, (ctx) => {
    for (const { from, to, uptime, lowest, highest } of parts) {
      const left = Math.round(plot.valToPos(from, "x", true));
      const width = Math.max(1, Math.round(plot.valToPos(to, "x", true)) - left);
      if (uptime === null) {
        ctx.fillStyle = dots;
        ctx.fillRect(left, bbox.top, width, bbox.height);
        continue;
      }
      ctx.fillStyle = palette.tone[toneOfMean(uptime)];
      const top = height(uptime);
      ctx.globalAlpha = 0.16;
      ctx.fillRect(left, top, width, bbox.top + bbox.height - top);
      if (lowest !== null && highest !== null && lowest < highest) {
        ctx.globalAlpha = 0.22;
        ctx.fillRect(left, height(highest), width, height(lowest) - height(highest));
      }
      ctx.globalAlpha = 1;
      ctx.fillRect(left, top, width, line);
    }
  });
}

/** Draws each incident as a striped column from its beginning to its end. */
export function drawIncidents(plot: uPlot, marks: readonly IncidentMark[], palette: Palette): void {
  const { bbox } = plot;
  const { max = 0 } = plot.scales.x ?? {};
  const down = textureOf(plot.ctx, "stripes", palette.tone.down, devicePixelRatio);
  const partly = textureOf(plot.ctx, "stripes", palette.tone.partly, devicePixelRatio);
  within(plot, (ctx) => {
    for (const { from, until, level } of marks) {
      const left = plot.valToPos(from, "x", true);
      const right = plot.valToPos(Math.min(until ?? max, max), "x", true);
      const width = Math.max(LEAST * devicePixelRatio, right - left);
      ctx.fillStyle = isOutage(level) ? down : partly;
      ctx.fillRect(left, bbox.top, width, bbox.height);
      // The foot can be seen where stripes are too narrow to be stripes.
      ctx.fillStyle = isOutage(level) ? palette.tone.down : palette.tone.partly;
      const foot = 3 * devicePixelRatio;
      ctx.fillRect(left, bbox.top + bbox.height - foot, width, foot);
    }
  });
}

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
