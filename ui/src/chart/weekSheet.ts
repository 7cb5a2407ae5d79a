/** The hours of a week for a picture: a square each, a row a day from Monday on. */
import { seconds } from "../state/format";
import { shadeOf, shareOf, WEEKDAYS } from "../state/longView";
import type { Measure } from "../state/longView";
import type { PartOfTime } from "../wire/wire";
import type { Palette } from "./palette";
import { drawShare } from "./shares";
import { sheetOf, write } from "./sheet";

/** Of the title, a row, the hours below, and the legend; and of the names beside the rows, in pixels. */
const [TITLE, ROW, HOURS, LEGEND, NAMES] = [28, 14, 15, 20, 32];

export function weekSheet(
  hours: readonly PartOfTime[],
  what: Measure,
  width: number,
  palette: Palette,
): HTMLCanvasElement {
  const below = TITLE + 7 * ROW;
  const durations = hours.map(({ duration }) => duration);
  const known = durations.filter((duration) => duration !== null);
  const shades = shadeOf(durations);
  return sheetOf(width, below + HOURS + LEGEND, (pen) => {
    const heading = { size: 12, weight: 650, colour: palette.text, room: width };
    const title = `${what === "uptime" ? "Uptime" : "Mean duration"} by hour and weekday`;
    write(pen, title, 0, TITLE - 8, heading);
    const small = { size: 10.5, colour: palette.muted };
    WEEKDAYS.forEach((name, at) => void write(pen, name, 0, TITLE + at * ROW + ROW - 4, small));
    const wide = (width - NAMES) / 24;
    hours.forEach(({ uptime, duration }, at) => {
      const [column, row] = [at % 24, Math.floor(at / 24)];
      const box = [NAMES + column * wide, TITLE + row * ROW, wide - 1, ROW - 1] as const;
      if (what === "uptime" || duration === null) {
        drawShare(pen, what === "uptime" ? shareOf(uptime) : "none", box, palette);
        return;
      }
      pen.globalAlpha = (shades[at] ?? 0) / 100;
      pen.fillStyle = palette.accent;
      pen.fillRect(...box);
      pen.globalAlpha = 1;
    });
    for (const hour of [0, 6, 12, 18]) {
      write(pen, `${hour}:00`, NAMES + hour * wide, below + HOURS - 4, small);
    }
    const text = (value: number): string => seconds(value) || "0.1 ms";
    const legend =
      what === "uptime"
        ? "The squares mean what those of the days mean."
        : known.length === 0
          ? "Nothing is known."
          : `The stronger, the longer: ${text(Math.min(...known))} to ${text(Math.max(...known))}.`;
    const style = { size: 11, colour: palette.muted, room: width };
    write(pen, legend, 0, below + HOURS + LEGEND - 5, style);
  });
}
