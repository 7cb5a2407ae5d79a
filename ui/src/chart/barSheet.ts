/** Upright bars for a picture, with their title, their labels and a remark. */
import type { SpreadBar } from "../state/spread";
import type { Palette } from "./palette";
import { sheetOf, widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

export interface BarPicture {
  title: string;
  bars: readonly SpreadBar[];
  remark: string;
}

/** Of the title, the bars, their labels, and the remark, in pixels. */
const [TITLE, BARS, LABELS, REMARK] = [28, 84, 15, 18];
/** What is free between two labels, and the least height of a bar, in pixels. */
const [FREE, LEAST] = [4, 2];

export function barSheet(
  { title, bars, remark }: BarPicture,
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const small: TextStyle = { size: 10.5, colour: palette.muted };
  const foot = TITLE + BARS;
  return sheetOf(width, foot + LABELS + REMARK, (pen) => {
    write(pen, title, 0, TITLE - 8, { size: 12, weight: 650, colour: palette.text, room: width });
    const wide = width / Math.max(1, bars.length);
    let free = 0;
    bars.forEach(({ height, label, tone }, at) => {
      const [left, tall] = [at * wide, Math.max(LEAST, height * BARS)];
      pen.fillStyle = palette.line;
      pen.fillRect(left + 0.5, foot, wide - 1, 1);
      if (height > 0) {
        pen.globalAlpha = 0.85;
        pen.fillStyle = tone === undefined ? palette.accent : palette.tone[tone];
        pen.beginPath();
        pen.roundRect(left + 0.5, foot - tall, wide - 1, tall, [2, 2, 0, 0]);
        pen.fill();
        pen.globalAlpha = 1;
      }
      // A label is as wide as it is; one that would cover another is left out.
      const room = widthOf(pen, label, small);
      const begin = Math.min(left + 0.5, width - room);
      if (label === "" || begin < free) return;
      write(pen, label, begin, foot + LABELS - 3, small);
      free = begin + room + FREE;
    });
    const style = { size: 11, colour: palette.muted, room: width };
    write(pen, remark, 0, foot + LABELS + REMARK - 5, style);
  });
}
