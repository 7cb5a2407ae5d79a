/** The bubbles of the overview: where each one is, and how they are drawn. */
import { percent } from "../state/format";
import { HEIGHT_MARKS, namedOf, placeOnNines } from "../state/overview";
import type { Bubble } from "../state/overview";
import { isOutage, isUp } from "../state/status";
import { toneOf } from "../state/statusStyle";
import { placeNames } from "./bubbleNames";
import type { Palette } from "./palette";
import { widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

/** The size for which the lengths below are, in pixels. A wider picture is at most this much larger. */
const [WIDTH, HEIGHT, LARGEST] = [400, 220, 5 / 3];
/** The place of the scale, and of the largest bubble at an edge; the least and the largest radius. */
const [SCALE, EDGE, LEAST, MOST] = [42, 20, 4, 16];
/** The lines below the scale: what the directions mean, and the legend of the depths. */
const LEGEND = 34;

/** The height of a picture of this width. */
export const bubblesHeight = (width: number): number => HEIGHT * scaleOf(width) + LEGEND;

const scaleOf = (width: number): number => Math.min(LARGEST, width / WIDTH);

/** A bubble in pixels. */
export interface BubblePlace {
  left: number;
  top: number;
  radius: number;
}

/** So many bubbles have room beside each other; more of them are smaller. */
const ROOMY = 60;

/** The place of one of `count` bubbles. */
export function placeOf({ x, y, size }: Bubble, width: number, count: number): BubblePlace {
  const scale = scaleOf(width);
  const crowd = Math.max(0.35, Math.min(1, Math.sqrt(ROOMY / count)));
  return {
    left: SCALE + EDGE * scale + x * (width - SCALE - 2 * EDGE * scale),
    top: topOf(y, scale),
    radius: (LEAST + size * (MOST - LEAST)) * scale * crowd,
  };
}

const topOf = (share: number, scale: number): number =>
  (EDGE + (1 - share) * (HEIGHT - 2 * EDGE)) * scale;

/** The depths that are told apart: the root, what is in it, what is in that, and all below. */
const DEPTHS = ["top", "2nd level", "3rd level", "deeper"] as const;

/** Fills and outlines a circle as its depth and its level say. */
function drawCircle(
  pen: CanvasRenderingContext2D,
  { left, top, radius }: BubblePlace,
  { depth, level, isLittle }: { depth: number; level: number | null; isLittle: boolean },
  palette: Palette,
): void {
  const rank = Math.min(depth, DEPTHS.length - 1);
  pen.fillStyle = pen.strokeStyle = level === null ? palette.muted : palette.tone[toneOf(level)];
  pen.beginPath();
  pen.arc(left, top, radius, 0, 7);
  // What lies deeper is paler, and has a thinner outline.
  pen.globalAlpha = isLittle ? 0 : ([0.75, 0.5, 0.3, 0.12][rank] ?? 0);
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = [3, 2, 1.2, 0.8][rank] ?? 1;
  pen.setLineDash(isLittle ? [2, 2] : []);
  pen.stroke();
  pen.setLineDash([]);
  if (level === null || isUp(level)) return;
  // A cross for an outage, a bar for what is partly up, so that the level does not depend on its colour.
  const arm = Math.min(4, radius * 0.55);
  pen.strokeStyle = palette.text;
  pen.lineWidth = 1.2;
  pen.beginPath();
  if (isOutage(level)) {
    pen.moveTo(left - arm, top - arm);
    pen.lineTo(left + arm, top + arm);
    pen.moveTo(left + arm, top - arm);
    pen.lineTo(left - arm, top + arm);
  } else {
    pen.moveTo(left - arm, top);
    pen.lineTo(left + arm, top);
  }
  pen.stroke();
}

/** Draws the bubbles in their order, with a scale on the left, names, and a legend below. */
export function drawBubbles(
  pen: CanvasRenderingContext2D,
  bubbles: readonly Bubble[],
  width: number,
  palette: Palette,
): void {
  const scale = scaleOf(width);
  const small: TextStyle = { size: 10.5, colour: palette.muted };
  pen.fillStyle = palette.raised;
  pen.beginPath();
  pen.roundRect(0, 0, width, HEIGHT * scale, 8);
  pen.fill();
  for (const uptime of HEIGHT_MARKS) {
    const top = topOf(placeOnNines(uptime), scale);
    pen.fillStyle = palette.line;
    pen.fillRect(SCALE, Math.round(top), width - SCALE, 1);
    write(pen, percent(uptime), SCALE - 5, top + 4, { ...small, align: "right" });
  }
  for (const bubble of bubbles) {
    const { depth, isLittle, path } = bubble;
    const look = { depth, isLittle, level: path.level };
    drawCircle(pen, placeOf(bubble, width, bubbles.length), look, palette);
  }
  drawNames(pen, bubbles, width, palette);
  const foot = HEIGHT * scale;
  write(pen, "Left to right: the paths by name", SCALE, foot + 13, {
    ...small,
    room: width - SCALE,
  });
  let left = SCALE + 6;
  DEPTHS.forEach((label, depth) => {
    const place = { left, top: foot + 25, radius: 5 };
    drawCircle(pen, place, { depth, level: null, isLittle: false }, palette);
    left += 9 + write(pen, label, left + 9, foot + 29, small) + 16;
  });
}

/** Writes the names of the worst beside their bubbles, where no other name is, nor a bubble if possible. */
function drawNames(
  pen: CanvasRenderingContext2D,
  bubbles: readonly Bubble[],
  width: number,
  palette: Palette,
): void {
  const style: TextStyle = { size: 10.5, weight: 600, colour: palette.text };
  const named = namedOf(bubbles).map((bubble) => {
    const { path } = bubble.path;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const room = Math.min(width * 0.35, widthOf(pen, name, style) + 1);
    return { name, own: placeOf(bubble, width, bubbles.length), width: room };
  });
  const circles = bubbles.map((bubble) => placeOf(bubble, width, bubbles.length));
  const bottom = HEIGHT * scaleOf(width);
  const area = { left: SCALE, right: width - 2, top: 0, bottom };
  placeNames(named, circles, area).forEach((place, at) => {
    const one = named[at];
    if (place === null || one === undefined) return;
    if (place.lead !== null) drawLead(pen, one.own, place.lead, palette);
    write(pen, one.name, place.left, place.middle + 4, { ...style, room: one.width });
  });
}

/** Draws a line from the edge of a bubble to its name. */
function drawLead(
  pen: CanvasRenderingContext2D,
  { left, top, radius }: BubblePlace,
  end: { left: number; top: number },
  palette: Palette,
): void {
  const length = Math.hypot(end.left - left, end.top - top);
  const share = length > 0 ? radius / length : 0;
  pen.strokeStyle = palette.muted;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left + (end.left - left) * share, top + (end.top - top) * share);
  pen.lineTo(end.left, end.top);
  pen.stroke();
}

/** The bubble at a place, the one on top where several are. */
export function bubbleAt(
  bubbles: readonly Bubble[],
  width: number,
  [x, y]: readonly [number, number],
): Bubble | undefined {
  for (let at = bubbles.length - 1; at >= 0; at -= 1) {
    const bubble = bubbles[at];
    if (bubble === undefined) continue;
    const { left, top, radius } = placeOf(bubble, width, bubbles.length);
    if (Math.hypot(left - x, top - y) <= radius) return bubble;
  }
  return undefined;
}
