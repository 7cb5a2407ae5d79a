/** Upright bars for a picture, with their title, their labels and a remark. */
import type { BarScale, SpreadBar } from "../state/spread";
import type { Palette } from "./palette";
import { sheetOf, widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

export interface BarPicture {
  title: string;
  bars: readonly SpreadBar[];
  remark: string;
  /** The values at the top and at the foot of the bars. */
  scale?: BarScale;
}

/** Of the title, the bars, their labels, and the remark, in pixels. */
const [TITLE, BARS, LABELS, REMARK] = [28, 84, 15, 18];
/** What is free between two labels, and the least height of a bar, in pixels. */
const [FREE, LEAST] = [4, 2];

export function barSheet(
  { title, bars, remark, scale }: BarPicture,
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const small: TextStyle = { size: 10.5, colour: palette.muted };
  const foot = TITLE + BARS;
  return sheetOf(width, foot + LABELS + REMARK, (pen) => {
    write(pen, title, 0, TITLE - 8, { size: 12, weight: 650, colour: palette.text, room: width });
    const ends = scale === undefined ? [] : [scale.top, scale.bottom];
    const widest = Math.max(0, ...ends.map((text) => widthOf(pen, text, small)));
    const first = widest === 0 ? 0 : widest + FREE;
    ends.forEach((text, at) => {
      write(pen, text, widest, at === 0 ? TITLE + 8 : foot, { ...small, align: "right" });
    });
    const wide = (width - first) / Math.max(1, bars.length);
    const end = bars.at(-1)?.end ?? "";
    const last = end === "" ? width : width - widthOf(pen, end, small);
    if (end !== "") write(pen, end, last, foot + LABELS - 3, small);
    let free = 0;
    bars.forEach(({ height, label, tone }, at) => {
      const [left, tall] = [first + at * wide, Math.max(LEAST, height * BARS)];
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
      if (label === "" || begin < free || (end !== "" && begin + room + FREE > last)) return;
      write(pen, label, begin, foot + LABELS - 3, small);
      free = begin + room + FREE;
    });
    const style = { size: 11, colour: palette.muted, room: width };
    write(pen, remark, 0, foot + LABELS + REMARK - 5, style);
  });
}
