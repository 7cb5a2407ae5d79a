/** The colours of the charts, read from the style sheet because a canvas cannot use it. */
import type { Tone } from "../state/statusStyle";

export interface Palette {
  tone: Readonly<Record<Tone, string>>;
  accent: string;
  muted: string;
  line: string;
  text: string;
  /** What everything lies on, and what stands out from it a little. */
  ground: string;
  raised: string;
  /** The lines of several sources. */
  lines: readonly string[];
}

/** The colours of the current theme. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    tone: { up: of("up"), partly: of("partly"), down: of("down"), none: of("none") },
    accent: of("accent"),
    muted: of("muted"),
    line: of("line"),
    text: of("text"),
    ground: of("ground"),
    raised: of("raised"),
    lines: [1, 2, 3, 4, 5, 6].map((at) => of(`line-${at}`)),
  };
}

/** A fill with slanted stripes or with dots, which can be recognized without its colour. */
export function textureOf(
  context: CanvasRenderingContext2D,
  kind: "stripes" | "dots",
  colour: string,
  ratio: number,
): CanvasPattern | string {
  const size = Math.round(6 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (pen === null) return colour;
  pen.fillStyle = pen.strokeStyle = colour;
  if (kind === "dots") {
    pen.globalAlpha = 0.75;
    pen.fillRect(size / 3, size / 3, Math.max(1, ratio), Math.max(1, ratio));
  } else {
    pen.globalAlpha = 0.2;
    pen.fillRect(0, 0, size, size);
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1.2 * ratio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
    }
    pen.stroke();
  }
  return context.createPattern(tile, "repeat") ?? colour;
}
