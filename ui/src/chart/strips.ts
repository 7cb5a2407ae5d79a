/** A source's strip as a canvas, with its name and its uptime, for a picture of a comparison. */
import { STRIP, stripOf } from "../state/bands";
import { percent } from "../state/format";
import { placeOf } from "../state/incidents";
import type { PathBand } from "../wire/wire";
import type { Palette } from "./palette";
import { sheetOf, write } from "./sheet";

/** Of the line with the name, of the strip, and of what is left free below, in pixels. */
const [LINE, HEIGHT, BELOW] = [20, 16, 6];
/** How far from the right edge a strip ends, as the charts do, in pixels. */
const RIGHT = 6;

/** How a line of the chart below is drawn. */
export interface LineStyle {
  colour: string;
  dash: readonly number[];
}

/** `line`: how the source's line is drawn, if there are lines. */
export function stripCanvas(
  band: PathBand,
  span: { from: number; to: number },
  { width, axis }: StripSize,
  palette: Palette,
  line: LineStyle | null,
): HTMLCanvasElement {
  const size = [width, LINE + HEIGHT + BELOW] as const;
  return sheetOf(...size, (pen) => drawStrip(pen, { band, span, width, axis, palette, line }));
}

/** The width of a strip with its labels, and of the axis beside it, in pixels. */
interface StripSize {
  width: number;
  axis: number;
}

interface Strip extends StripSize {
  band: PathBand;
  span: { from: number; to: number };
  palette: Palette;
  line: LineStyle | null;
}

function drawStrip(
  pen: CanvasRenderingContext2D,
  { band, span, width, axis, palette, line }: Strip,
): void {
  const figure = percent(band.uptime);
  const style = { size: 12, colour: palette.text };
  const taken = write(pen, figure, width - RIGHT, LINE - 6, { ...style, align: "right" });
  const { name, inside } = placeOf(band.path);
  const room = width - axis - RIGHT - taken - 12;
  const behind = axis + 10 + write(pen, name, axis, LINE - 6, { ...style, room });
  const rest = axis + room - behind;
  if (rest > 40)
    write(pen, inside, behind, LINE - 6, { size: 11, colour: palette.muted, room: rest });
  if (line !== null) {
    pen.strokeStyle = line.colour;
    pen.lineWidth = 2;
    pen.setLineDash([...line.dash]);
    pen.beginPath();
    pen.moveTo(axis - 30, LINE - 10);
    pen.lineTo(axis - 8, LINE - 10);
    pen.stroke();
  }
  pen.translate(axis, LINE);
  pen.scale((width - axis - RIGHT) / STRIP.width, HEIGHT / STRIP.height);
  const strip = stripOf(band.parts, span.from, span.to);
  const fill = (path: string, colour: string, opacity: number): void => {
    pen.globalAlpha = opacity;
    pen.fillStyle = colour;
    pen.fill(new Path2D(path));
  };
  // As the style sheet mixes it with the ground.
  fill(strip.up, palette.tone.up, 0.62);
  fill(strip.down, palette.tone.down, 1);
  fill(strip.partly, palette.tone.partly, 1);
  fill(strip.unknown, palette.tone.none, 1);
}
