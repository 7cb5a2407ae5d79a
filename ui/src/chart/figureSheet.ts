/** Figures in rows for a picture: a label above each, and a remark in small print behind it. */
import type { Figure } from "../state/figures";
import type { Palette } from "./palette";
import { measuringPen, sheetOf, widthOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

/** Above the rows, of a row, between two figures, and between a figure and its remark, in pixels. */
const [ABOVE, ROW, BETWEEN, SPACE] = [4, 38, 22, 5];

export function figureSheet(
  figures: readonly Figure[],
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const small: TextStyle = { size: 11, colour: palette.muted };
  const large: TextStyle = { size: 15, weight: 600, colour: palette.text };
  const pen = measuringPen();
  let [left, row] = [0, 0];
  const placed = figures.map((figure) => {
    const value = widthOf(pen, figure.value, large);
    const remark = figure.remark === "" ? 0 : SPACE + widthOf(pen, figure.remark, small);
    const wide = Math.max(widthOf(pen, figure.label, small), value + remark);
    if (left > 0 && left + wide > width) [left, row] = [0, row + 1];
    const place = { figure, value, left, top: row * ROW + ABOVE };
    left += wide + BETWEEN;
    return place;
  });
  return sheetOf(width, ABOVE + (row + 1) * ROW + 4, (pen) => {
    for (const { figure, value, left, top } of placed) {
      write(pen, figure.label, left, top + 11, small);
      write(pen, figure.value, left, top + 29, large);
      const behind = left + value + SPACE;
      write(pen, figure.remark, behind, top + 29, { ...small, room: width - behind });
    }
  });
}
