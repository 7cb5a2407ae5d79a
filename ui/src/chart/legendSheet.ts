/** The legend of the status chart, for a picture. */
import type { LegendEntry, StatusMark } from "../state/statusLegend";
import { textureOf } from "./palette";
import type { Palette } from "./palette";
import { measuringPen, sheetOf, widthOf, write } from "./sheet";

/** Of a line, of a swatch, and what is free behind it and behind an entry, in pixels. */
const [LINE, SWATCH, BEHIND, APART] = [18, 12, 5, 14];

/** Draws an example of a mark. */
function drawSwatch(
  pen: CanvasRenderingContext2D,
  mark: StatusMark,
  [left, top]: readonly [number, number],
  { tone, muted }: Palette,
): void {
  if (mark === "unconfirmed") {
    pen.fillStyle = muted;
    pen.fillRect(left + SWATCH / 2 - 0.5, top, 1, SWATCH);
    return;
  }
  const colour = tone[mark === "unknown" ? "none" : mark];
  // The pattern is as sharp as the screen only in its own pixels, which nobody sees at this size.
  pen.fillStyle = textureOf(pen, mark === "unknown" ? "dots" : "stripes", colour, 1);
  pen.fillRect(left, top, SWATCH, SWATCH);
  pen.fillStyle = colour;
  if (mark !== "unknown") pen.fillRect(left, top, SWATCH, 2);
}

/** The entries from an edge on, as the charts begin there. */
export function legendSheet(
  entries: readonly LegendEntry[],
  width: number,
  edge: number,
  palette: Palette,
): HTMLCanvasElement {
  const style = { size: 11, colour: palette.muted };
  const measure = measuringPen();
  let [left, line] = [edge, 0];
  const placed = entries.map((entry) => {
    const wide = SWATCH + BEHIND + widthOf(measure, entry.text, style);
    if (left > edge && left + wide > width) [left, line] = [edge, line + 1];
    const at = { ...entry, left, line };
    left += wide + APART;
    return at;
  });
  return sheetOf(width, (line + 1) * LINE, (pen) => {
    for (const { mark, text, left, line } of placed) {
      drawSwatch(pen, mark, [left, line * LINE + 3], palette);
      write(pen, text, left + SWATCH + BEHIND, line * LINE + 13, style);
    }
  });
}
