/** The bubbles of the overview: where each one is, and how they are drawn. */
import type { Bubble } from "../state/overview";
import { toneOf } from "../state/statusStyle";
import type { Palette } from "./palette";
import { write } from "./sheet";

/** The size for which the lengths below are, in pixels. A wider picture is at most this much larger. */
const [WIDTH, HEIGHT, LARGEST] = [400, 180, 5 / 3];
/** The place of the scale, and of the largest bubble at an edge; the least and the largest radius. */
const [SCALE, EDGE, LEAST, MOST] = [34, 22, 4, 18];

/** The height of a picture of this width. */
export const bubblesHeight = (width: number): number => HEIGHT * scaleOf(width);

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

/** Draws the bubbles in their order, with a scale on the left. */
export function drawBubbles(
  pen: CanvasRenderingContext2D,
  bubbles: readonly Bubble[],
  width: number,
  palette: Palette,
): void {
  const scale = scaleOf(width);
  pen.fillStyle = palette.raised;
  pen.beginPath();
  pen.roundRect(0, 0, width, bubblesHeight(width), 8);
  pen.fill();
  for (const share of [0, 0.5, 1]) {
    const top = topOf(share, scale);
    pen.fillStyle = palette.line;
    pen.fillRect(SCALE, Math.round(top), width - SCALE, 1);
    const style = { size: 10.5, colour: palette.muted, align: "right" as const };
    write(pen, `${share * 100}%`, SCALE - 5, top + 4, style);
  }
  pen.lineWidth = 1;
  for (const bubble of bubbles) {
    const { left, top, radius } = placeOf(bubble, width, bubbles.length);
    pen.fillStyle = pen.strokeStyle = palette.tone[toneOf(bubble.path.level)];
    pen.beginPath();
    pen.arc(left, top, radius, 0, 7);
    // What lies deeper is paler.
    pen.globalAlpha = 0.25 + 0.5 / (1 + bubble.depth);
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
  }
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
