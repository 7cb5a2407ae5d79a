/** A canvas whose strokes a test can read: happy-dom has none. */
import { vi } from "vitest";

import type { ChartJoint } from "../src/chart/joined";
import { AxisRoom } from "../src/state/axisRoom.svelte";
import type { Palette } from "../src/chart/palette";

/** Colours that a test recognizes. */
export const PALETTE: Palette = {
  tone: { up: "up", partly: "partly", down: "down", none: "none" },
  accent: "accent",
  muted: "muted",
  line: "line",
  text: "text",
  ground: "ground",
  raised: "raised",
  lines: ["line 1", "line 2", "line 3"],
};
/** What charts have in common that nobody moves. */
export const STILL: ChartJoint = {
  key: "still",
  room: new AxisRoom(),
  moves: { zoom: () => undefined, scale: () => undefined, shift: () => undefined },
};

/** What was called or set on the pen, with its arguments. */
export interface Stroke {
  name: string;
  args: readonly unknown[];
  /** The fill and the stroke of the moment. */
  fill: unknown;
  stroke: unknown;
  alpha: number;
  align: unknown;
}

export class Pen {
  readonly strokes: Stroke[] = [];
  readonly context: CanvasRenderingContext2D;

  /** `canvas` is the canvas that the pen draws on. */
  constructor(canvas: Partial<HTMLCanvasElement> = {}) {
    const set: Record<string, unknown> = { globalAlpha: 1 };
    const own: Record<string, unknown> = {
      canvas,
      measureText: (text: string) => ({ width: text.length * 6 }),
      createPattern: (tile: HTMLCanvasElement) => `pattern ${tile.dataset.kind ?? ""}`,
    };
    this.context = new Proxy(own, {
      get: (_, name: string) => {
        if (name in own) return own[name];
        if (name in set) return set[name];
        return (...args: unknown[]) => {
          const [fill, stroke] = [set.fillStyle, set.strokeStyle];
          const [alpha, align] = [Number(set.globalAlpha), set.textAlign];
          this.strokes.push({ name, args, fill, stroke, alpha, align });
        };
      },
      set: (_, name: string, value) => {
        set[name] = value;
        return true;
      },
    }) as unknown as CanvasRenderingContext2D;
  }

  /** The calls of one name. */
  of(name: string): Stroke[] {
    return this.strokes.filter((stroke) => stroke.name === name);
  }

  clear(): void {
    this.strokes.length = 0;
  }
}

/** A path on which nothing can be read. */
class BlindPath {
  addPath = vi.fn();
  arc = vi.fn();
  closePath = vi.fn();
  lineTo = vi.fn();
  moveTo = vi.fn();
  rect = vi.fn();
}

/** Gives every canvas this pen, and every element a width, until `withoutPen`. */
export function withPen(width: number): Pen {
  const pen = new Pen();
  vi.stubGlobal("Path2D", BlindPath);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pen.context);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
  return pen;
}

export function withoutPen(): void {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
}
