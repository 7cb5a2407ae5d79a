/** The classes of uptime as the squares of a picture. They differ without colour, as in the style sheet. */
import { SHARES } from "../state/longView";
import type { Share } from "../state/longView";
import type { Palette } from "./palette";
import { widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

/** A rectangle in pixels: left, top, width and height. */
type Box = readonly [number, number, number, number];

function fill(pen: CanvasRenderingContext2D, box: Box, colour: string, share: number): void {
  pen.globalAlpha = share;
  pen.fillStyle = colour;
  pen.fillRect(...box);
  pen.globalAlpha = 1;
}

/** Slanted lines from one edge to the other. */
function stripes(
  pen: CanvasRenderingContext2D,
  [left, top, width, height]: Box,
  colour: string,
): void {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  pen.strokeStyle = colour;
  pen.lineWidth = 1.8;
  pen.beginPath();
  for (let at = -height; at < width; at += 4) {
    pen.moveTo(left + at, top + height);
    pen.lineTo(left + at + height, top);
  }
  pen.stroke();
  pen.restore();
}

/** How much of a square that is nearly wholly up says that it is not. */
const BADGE = 0.35;

/** Fills a square with the sign of its class. */
export function drawShare(
  pen: CanvasRenderingContext2D,
  share: Share,
  box: Box,
  palette: Palette,
): void {
  const [left, top, width, height] = box;
  const { up, partly, down } = palette.tone;
  switch (share) {
    case "all":
      fill(pen, box, up, 0.75);
      return;
    case "nearly":
      fill(pen, box, up, 0.75);
      fill(pen, [left, top + height * (1 - BADGE), width, height * BADGE], partly, 1);
      return;
    case "most":
      fill(pen, box, partly, 1);
      return;
    case "less":
      fill(pen, box, down, 0.55);
      stripes(pen, box, down);
      return;
    case "none":
      fill(pen, box, palette.raised, 1);
      pen.strokeStyle = palette.line;
      pen.lineWidth = 1;
      pen.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
  }
}

/** Of a square of the legend, and what is free behind it and behind its text, in pixels. */
const [SQUARE, BEHIND, BETWEEN] = [10, 5, 13];

/** A legend of all classes, of which the texts stand on the line `top`. */
export function drawShareLegend(
  pen: CanvasRenderingContext2D,
  top: number,
  palette: Palette,
): void {
  const style: TextStyle = { size: 11, colour: palette.muted };
  let left = 0;
  for (const { share, label } of SHARES) {
    drawShare(pen, share, [left, top - SQUARE + 1, SQUARE, SQUARE], palette);
    write(pen, label, left + SQUARE + BEHIND, top, style);
    left += SQUARE + BEHIND + widthOf(pen, label, style) + BETWEEN;
  }
}
