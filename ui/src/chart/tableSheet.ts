/** A table for a picture: names on the left, with the sign of what they are, and figures on the right. */
import type { Tone } from "../state/statusStyle";
import type { Palette } from "./palette";
import { measuringPen, sheetOf, widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";
import type { LineStyle } from "./strips";

export interface TableRow {
  /** The first column, cut in the middle where it is too long. */
  name: string;
  figures: readonly string[];
  /** How its line is drawn in the chart above. */
  line?: LineStyle;
  /** The status that a dot shows. */
  tone?: Tone;
}

/** Of a row, between columns, the widest column of figures, and the place of a sign, in pixels. */
const [ROW, BETWEEN, WIDEST, SIGN] = [19, 14, 130, 25];

export function tableSheet(
  head: readonly string[],
  rows: readonly TableRow[],
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const small: TextStyle = { size: 11, colour: palette.muted };
  const style: TextStyle = { size: 11.5, colour: palette.text };
  const [first = "", ...columns] = head;
  const pen = measuringPen();
  const widths = columns.map((label, at) => {
    const texts = rows.map(({ figures }) => widthOf(pen, figures[at] ?? "", style));
    return Math.min(WIDEST, Math.max(widthOf(pen, label, small), ...texts));
  });
  const taken = widths.reduce((sum, one) => sum + one + BETWEEN, 0);
  return sheetOf(width, (rows.length + 1) * ROW + 8, (pen) => {
    const line = (top: number): void => {
      pen.fillStyle = palette.line;
      pen.fillRect(0, top + ROW - 1, width, 1);
    };
    const figures = (texts: readonly string[], top: number, style: TextStyle): void => {
      let right = width - taken;
      texts.forEach((text, at) => {
        const room = widths[at] ?? 0;
        right += room + BETWEEN;
        write(pen, text, right, top + ROW - 6, { ...style, align: "right", room });
      });
    };
    write(pen, first, 0, ROW - 6, small);
    figures(columns, 0, small);
    line(0);
    rows.forEach((row, at) => {
      const top = (at + 1) * ROW;
      const left = drawSign(pen, row, top + ROW / 2, palette);
      write(pen, row.name, left, top + ROW - 6, { ...style, room: width - taken - left });
      figures(row.figures, top, style);
      line(top);
    });
  });
}

/** Draws what stands before a name, and returns where the name begins. */
function drawSign(
  pen: CanvasRenderingContext2D,
  { line, tone }: TableRow,
  middle: number,
  palette: Palette,
): number {
  if (line !== undefined) {
    pen.strokeStyle = line.colour;
    pen.lineWidth = 2;
    pen.setLineDash([...line.dash]);
    pen.beginPath();
    pen.moveTo(0, middle);
    pen.lineTo(SIGN - 7, middle);
    pen.stroke();
    pen.setLineDash([]);
    return SIGN;
  }
  if (tone === undefined) return 0;
  pen.fillStyle = palette.tone[tone];
  pen.beginPath();
  pen.arc(5, middle, 4, 0, 7);
  pen.fill();
  return SIGN - 10;
}
