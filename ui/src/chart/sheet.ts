/** Canvases of which a picture is put together, measured in pixels of the page, and texts that fit them. */
import { shortName } from "../state/names";

const FONT = 'system-ui, "Noto Sans", sans-serif';

export interface TextStyle {
  size: number;
  colour: string;
  /** 400 without one. */
  weight?: number;
  align?: "left" | "right";
  /** The most width of the text, which is cut in the middle; without one it is never cut. */
  room?: number;
}

/** The pen of a canvas. */
function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this window cannot draw pictures");
  return pen;
}

/** A canvas of this size, as sharp as the screen is. */
export function sheetOf(
  width: number,
  height: number,
  draw: (pen: CanvasRenderingContext2D) => void,
): HTMLCanvasElement {
  const ratio = devicePixelRatio;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const pen = penOf(canvas);
  pen.scale(ratio, ratio);
  draw(pen);
  return canvas;
}

/** A pen that only measures texts. */
export const measuringPen = (): CanvasRenderingContext2D => penOf(document.createElement("canvas"));

function useFont(pen: CanvasRenderingContext2D, { size, weight = 400 }: TextStyle): void {
  pen.font = `${weight} ${size}px ${FONT}`;
}

/** How wide a text is. */
export function widthOf(pen: CanvasRenderingContext2D, text: string, style: TextStyle): number {
  useFont(pen, style);
  return pen.measureText(text).width;
}

/** A text that is no wider than this, cut in the middle. */
function cut(pen: CanvasRenderingContext2D, text: string, room: number): string {
  const fits = (one: string): boolean => pen.measureText(one).width <= room;
  if (fits(text)) return text;
  let [low, high] = [1, Array.from(text).length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(shortName(text, middle))) low = middle;
    else high = middle - 1;
  }
  return shortName(text, low);
}

/** Writes a text with its baseline at `top`, and returns how wide it is. */
export function write(
  pen: CanvasRenderingContext2D,
  text: string,
  left: number,
  top: number,
  style: TextStyle,
): number {
  useFont(pen, style);
  pen.fillStyle = style.colour;
  pen.textAlign = style.align ?? "left";
  const whole = style.room === undefined ? text : cut(pen, text, style.room);
  pen.fillText(whole, left, top);
  return pen.measureText(whole).width;
}

/** The lines of a text that is broken between words. */
export function linesOf(
  pen: CanvasRenderingContext2D,
  text: string,
  style: TextStyle,
  room: number,
): string[] {
  useFont(pen, style);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && pen.measureText(longer).width <= room)
      lines[lines.length - 1] = longer;
    else lines.push(cut(pen, word, room));
  }
  return lines;
}

/** The least width of two sheets that stand side by side, and what is free between them, in pixels. */
const [LEAST, GAP] = [260, 24];

/** Two sheets side by side where there is room, else below each other. */
export function inPairs<T>(
  parts: readonly T[],
  width: number,
  draw: (part: T, width: number) => HTMLCanvasElement,
): HTMLCanvasElement[] {
  const each = (width - GAP) / 2;
  if (each < LEAST) return parts.map((part) => draw(part, width));
  const sheets = parts.map((part) => draw(part, each));
  const ratio = devicePixelRatio;
  const height = Math.max(0, ...sheets.map((one) => one.height / ratio));
  const pair = sheetOf(width, height, (pen) => {
    sheets.forEach((one, at) => {
      pen.drawImage(one, at * (each + GAP), 0, one.width / ratio, one.height / ratio);
    });
  });
  return [pair];
}
