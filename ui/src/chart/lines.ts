/** The median durations of several sources on one time axis. */
import { durationAxis, logEnds, timeAxis, zoned } from "./axes";

import uPlot from "uplot";

import { ceilingOf } from "../state/history";
import { scaledTo } from "../state/scale";
import type { PathBand } from "../wire/wire";
import type { Palette } from "./palette";

/** How the lines are dashed, in pixels; each differs without its colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [4, 4],
  [1, 2],
];
const HEIGHT = 150;

export interface LinesData {
  bands: readonly PathBand[];
  log: boolean;
  from: number;
  to: number;
}

/** The rows of several paths at the same dates. A source without samples at a date has none there. */
export function alignedOf(bands: readonly PathBand[]): [number[], ...(number | null)[][]] {
  const dates = new Set<number>();
  for (const { parts } of bands)
    for (const { from, p50 } of parts) if (p50 !== null) dates.add(from);
  const sorted = [...dates].sort((a, b) => a - b);
  const rows = bands.map(({ parts }) => {
    const known = new Map(parts.map(({ from, p50 }) => [from, p50]));
    return sorted.map((date) => known.get(date) ?? null);
  });
  return [sorted, ...rows];
}

export class Lines {
  #drawn: LinesData;
  #palette: Palette;
  readonly #plot: uPlot;

  constructor(target: HTMLElement, width: number, drawn: LinesData, palette: Palette) {
    this.#drawn = drawn;
    this.#palette = palette;
    const colours = (): Palette => this.#palette;
    this.#plot = new uPlot(
      {
        width,
        height: HEIGHT,
        tzDate: zoned,
        legend: { show: false },
        padding: [8, 6, 0, 0],
        cursor: { show: false },
        scales: {
          x: { time: true, auto: false, min: drawn.from, max: drawn.to },
          y: {
            range: (_, min, max) =>
              this.#drawn.log ? logEnds(10 ** min, 10 ** max) : [0, ceilingOf(max, null)],
          },
        },
        axes: [timeAxis(colours), durationAxis(colours, () => this.#drawn.log)],
        series: [
          {},
          ...DASHES.map((dash, at) => ({
            stroke: () => this.#palette.lines[at] ?? this.#palette.accent,
            width: 1.5,
            dash: [...dash],
            // A part without samples does not end a line; a longer time without them does.
            spanGaps: true,
            points: { show: false },
          })),
        ],
      },
      this.#data(),
      target,
    );
  }

  draw(drawn: LinesData): void {
    this.#drawn = drawn;
    this.#plot.batch(() => {
      this.#plot.setData(this.#data(), true);
      this.#plot.setScale("x", { min: drawn.from, max: drawn.to });
    });
  }

  resize(width: number): void {
    this.#plot.setSize({ width, height: HEIGHT });
  }

  repaint(palette: Palette): void {
    this.#palette = palette;
    this.#plot.redraw(false);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #data(): uPlot.AlignedData {
    const { bands, log } = this.#drawn;
    const [dates, ...rows] = alignedOf(bands.slice(0, DASHES.length));
    const on = rows.map((row) =>
      row.map((value) => (value === null ? null : scaledTo(value, log))),
    );
    const empty = dates.map(() => null);
    return [dates, ...DASHES.map((_, at) => on[at] ?? empty)];
  }
}
