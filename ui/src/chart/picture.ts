/** A picture of what is shown: a title, lines about it, and sheets below each other, as a PNG file. */
import type { Palette } from "./palette";
import { linesOf, measuringPen, sheetOf, write } from "./sheet";
import type { TextStyle } from "./sheet";

const [MARGIN, TITLE, LINE] = [16, 15, 12];
/** From one baseline to the next. */
const APART = LINE + 5;
/** The least width of a picture that is not drawn from the charts of the page. */
export const LEAST_WIDTH = 720;

export interface PictureText {
  /** Cut in the middle where it is too long. */
  title: string;
  /** The lines below the title. */
  lines: readonly string[];
}

/** The picture as a PNG file in Base64. */
export function pictureOf(
  sheets: readonly HTMLCanvasElement[],
  { title, lines }: PictureText,
  palette: Palette,
): string {
  const ratio = devicePixelRatio;
  const widest = Math.max(0, ...sheets.map(({ width }) => width / ratio));
  if (widest === 0) throw new Error("there is nothing to draw");
  const style: TextStyle = { size: LINE, colour: palette.muted };
  const pen = measuringPen();
  const broken = lines.flatMap((line) => linesOf(pen, line, style, widest));
  const head = MARGIN + TITLE + 6 + broken.length * APART + 8;
  const height = sheets.reduce((sum, one) => sum + one.height / ratio, head + MARGIN);
  const picture = sheetOf(widest + 2 * MARGIN, height, (pen) => {
    pen.fillStyle = palette.ground;
    pen.fillRect(0, 0, widest + 2 * MARGIN, height);
    const bold = { size: TITLE, weight: 650, colour: palette.text, room: widest };
    write(pen, title, MARGIN, MARGIN + TITLE - 2, bold);
    broken.forEach((line, at) => {
      write(pen, line, MARGIN, MARGIN + TITLE + 4 + (at + 1) * APART - 2, style);
    });
    let top = head;
    for (const one of sheets) {
      pen.drawImage(one, MARGIN, top, one.width / ratio, one.height / ratio);
      top += one.height / ratio;
    }
  });
  return picture.toDataURL("image/png").split(",")[1] ?? "";
}
