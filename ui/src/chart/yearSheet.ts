/** A year of days for a picture: a square each, a column a week. */
import { monthStarts, NAMED_DAYS, shareOf } from "../state/longView";
import type { DaySquare } from "../state/longView";
import type { Palette } from "./palette";
import { drawShare, drawShareLegend } from "./shares";
import { sheetOf, widthOf, write } from "./sheet";

/** Of the title, the months, and the legend, in pixels. */
const [TITLE, MONTHS, LEGEND] = [28, 15, 24];
/** The room of the names of days of the week, in pixels. */
const NAMES = 30;

export function yearSheet(
  squares: readonly DaySquare[],
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const weeks = (squares.at(-1)?.week ?? 0) + 1;
  const apart = (width - NAMES) / weeks;
  const below = TITLE + MONTHS;
  return sheetOf(width, below + 7 * apart + LEGEND, (pen) => {
    const heading = { size: 12, weight: 650, colour: palette.text, room: width };
    write(pen, "Uptime of each day", 0, TITLE - 8, heading);
    const small = { size: 10.5, colour: palette.muted };
    for (const { week, label } of monthStarts(squares)) {
      const left = Math.min(NAMES + week * apart, width - widthOf(pen, label, small));
      write(pen, label, left, below - 4, small);
    }
    for (const [at, name] of NAMED_DAYS) {
      write(pen, name, 0, below + (at + 0.5) * apart + 4, small);
    }
    for (const { week, weekday, uptime } of squares) {
      const box = [NAMES + week * apart, below + weekday * apart, apart - 1, apart - 1] as const;
      drawShare(pen, shareOf(uptime), box, palette);
    }
    drawShareLegend(pen, below + 7 * apart + LEGEND - 8, palette);
  });
}
