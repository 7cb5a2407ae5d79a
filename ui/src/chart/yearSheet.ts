/** A year of days for a picture: a square each, a column a week. */
import { monthStarts, shareOf } from "../state/longView";
import type { DaySquare } from "../state/longView";
import type { Palette } from "./palette";
import { drawShare, drawShareLegend } from "./shares";
import { sheetOf, widthOf, write } from "./sheet";

/** Of the title, the months, and the legend, in pixels. */
const [TITLE, MONTHS, LEGEND] = [28, 15, 24];

export function yearSheet(
  squares: readonly DaySquare[],
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const weeks = (squares.at(-1)?.week ?? 0) + 1;
  const apart = width / weeks;
  const below = TITLE + MONTHS;
  return sheetOf(width, below + 7 * apart + LEGEND, (pen) => {
    const heading = { size: 12, weight: 650, colour: palette.text, room: width };
    write(pen, "Uptime of each day", 0, TITLE - 8, heading);
    const small = { size: 10.5, colour: palette.muted };
    for (const { week, label } of monthStarts(squares)) {
      const left = Math.min(week * apart, width - widthOf(pen, label, small));
      write(pen, label, left, below - 4, small);
    }
    for (const { week, weekday, uptime } of squares) {
      const box = [week * apart, below + weekday * apart, apart - 1, apart - 1] as const;
      drawShare(pen, shareOf(uptime), box, palette);
    }
    drawShareLegend(pen, below + 7 * apart + LEGEND - 8, palette);
  });
}
