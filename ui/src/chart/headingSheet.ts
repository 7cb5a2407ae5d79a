/** The line above a chart in a picture: its title. */
import type { Palette } from "./palette";
import { sheetOf, write } from "./sheet";

/** Of the line of text with what is free around it, in pixels. */
const HEIGHT = 28;

export function headingSheet(title: string, width: number, palette: Palette): HTMLCanvasElement {
  const style = { size: 12, weight: 650, colour: palette.text, room: width };
  return sheetOf(width, HEIGHT, (pen) => write(pen, title, 0, HEIGHT - 8, style));
}
