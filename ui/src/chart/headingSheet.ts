/** The lines above a chart in a picture: its title, and what is to be known of it. */
import type { Palette } from "./palette";
import { linesOf, measuringPen, sheetOf, write } from "./sheet";

/** Of the line of text with what is free around it, in pixels. */
const HEIGHT = 28;
/** From one line of a remark to the next. */
const LINE = 16;

export function headingSheet(title: string, width: number, palette: Palette): HTMLCanvasElement {
  const style = { size: 12, weight: 650, colour: palette.text, room: width };
  return sheetOf(width, HEIGHT, (pen) => write(pen, title, 0, HEIGHT - 8, style));
}

export function remarkSheet(remark: string, width: number, palette: Palette): HTMLCanvasElement {
  const style = { size: 11, colour: palette.muted };
  const lines = linesOf(measuringPen(), remark, style, width);
  return sheetOf(width, lines.length * LINE + 4, (pen) => {
    lines.forEach((line, at) => write(pen, line, 0, (at + 1) * LINE - 4, style));
  });
}
