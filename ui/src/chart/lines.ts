/** The median durations of several sources on one time axis. */
import { durationAxis, logEnds, timeAxis, zoned } from "./axes";

import uPlot from "uplot";

import { ceilingOf, spacingOf } from "../state/history";
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
/** A line ends where there were no samples for so many times the usual distance. */
const LONG = 3;

export interface LinesData {
  bands: readonly PathBand[];
  log: boolean;
  from: number;
  to: number;
}

type Line = (number | null | undefined)[];

/**
 * The medians of several paths at the same dates. A line has `undefined` where it goes on between two
 * values, and `null` where there were no samples for longer than usual.
 */
export function alignedOf(bands: readonly PathBand[]): [number[], ...Line[]] {
  const known = bands.map(({ parts }) => {
    const values = new Map<number, number | null>();
    const some = parts.filter(({ p50 }) => p50 !== null);
    const usual = spacingOf(
      some.map(({ from }) => from),
      Infinity,
    );
    some.forEach(({ from, to, p50 }, at) => {
      const next = some[at + 1];
      values.set(from, p50);
      if (next !== undefined && next.from - from > LONG * usual) values.set(to, null);
    });
    return values;
  });
  const dates = [...new Set(known.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  return [dates, ...known.map((values) => dates.map((date) => values.get(date)))];
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
      row.map((value) => (typeof value === "number" ? scaledTo(value, log) : value)),
    );
    const empty = dates.map(() => null);
    return [dates, ...DASHES.map((_, at) => on[at] ?? empty)];
  }
}
