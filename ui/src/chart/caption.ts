/** The line above a chart in a picture: its title, and how each of its lines is drawn. */
import type { Palette } from "./palette";
import type { LineStyle } from "./strips";

/** Of the line of text with what is free around it, in pixels. */
const HEIGHT = 26;
/** The length of the sample of a line, and what is free after a label, in pixels. */
const [SAMPLE, BETWEEN] = [18, 14];

/** A line of the chart with its name. */
export interface CaptionKey extends LineStyle {
  label: string;
}

export function captionCanvas(
  title: string,
  keys: readonly CaptionKey[],
  width: number,
  palette: Palette,
): HTMLCanvasElement | null {
  const ratio = devicePixelRatio;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * ratio, HEIGHT * ratio];
  const pen = canvas.getContext("2d");
  if (pen === null) return null;
  pen.scale(ratio, ratio);
  let left = 0;
  const write = (text: string, size: number, weight: number): void => {
    pen.font = `${weight} ${size}px system-ui, "Noto Sans", sans-serif`;
    pen.fillStyle = palette.text;
    pen.fillText(text, left, HEIGHT - 8);
    left += pen.measureText(text).width + BETWEEN;
  };
  write(title, 12, 650);
  for (const { label, colour, dash } of keys) {
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.setLineDash([...dash]);
    pen.beginPath();
    pen.moveTo(left, HEIGHT - 12);
    pen.lineTo(left + SAMPLE, HEIGHT - 12);
    pen.stroke();
    left += SAMPLE + 5;
    write(label, 11, 400);
  }
  return canvas;
}
