/** A picture of what is shown: the charts with a title and their figures, as a PNG file. */
import type { Palette } from "./palette";

const [MARGIN, TITLE, LINE] = [16, 15, 12];

export interface PictureText {
  title: string;
  /** The lines below the title. */
  lines: readonly string[];
}

/** Cuts a line to a width, with an ellipsis. */
function fitted(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 0 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** The picture as a PNG file in Base64; `null` if there is nothing to draw. */
export function pictureOf(
  canvases: readonly HTMLCanvasElement[],
  { title, lines }: PictureText,
  palette: Palette & { ground: string },
): string | null {
  const ratio = devicePixelRatio;
  const widest = Math.max(0, ...canvases.map(({ width }) => width));
  const head = (MARGIN + TITLE + 6 + lines.length * (LINE + 5) + 6) * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = widest + 2 * MARGIN * ratio;
  canvas.height = head + canvases.reduce((sum, { height }) => sum + height, 0) + MARGIN * ratio;
  const pen = canvas.getContext("2d");
  if (pen === null || widest === 0) return null;
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const write = (text: string, top: number, size: number, weight: number, colour: string): void => {
    pen.font = `${weight} ${size * ratio}px system-ui, "Noto Sans", sans-serif`;
    pen.fillStyle = colour;
    pen.fillText(fitted(pen, text, widest), MARGIN * ratio, top * ratio);
  };
  write(title, MARGIN + TITLE, TITLE, 650, palette.text);
  lines.forEach((text, at) => {
    write(text, MARGIN + TITLE + 6 + (at + 1) * (LINE + 5) - 2, LINE, 400, palette.muted);
  });
  let top = head;
  for (const one of canvases) {
    pen.drawImage(one, MARGIN * ratio, top);
    top += one.height;
  }
  return canvas.toDataURL("image/png").split(",")[1] ?? null;
}
