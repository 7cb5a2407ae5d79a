/** The median durations of several sources on one time axis. */
import { durationAxis, logEnds, timeAxis } from "./axes";

import uPlot from "uplot";

import { ceilingOf } from "../state/history";
import { alignedOf, bulkOf } from "../state/medians";
import { scaledTo } from "../state/scale";
import type { PathBand } from "../wire/wire";
import { joined } from "./joined";
import type { ChartJoint, JoinedPlot, Pointed } from "./joined";
import type { Palette } from "./palette";
import { drawBeyond } from "./marks";

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

export class Lines implements JoinedPlot<LinesData> {
  #drawn: LinesData;
  #palette: Palette;
  readonly #plot: uPlot;

  constructor(
    target: HTMLElement,
    width: number,
    drawn: LinesData,
    palette: Palette,
    joint: ChartJoint,
    told: (at: Pointed | null) => void,
  ) {
    this.#drawn = drawn;
    this.#palette = palette;
    const colours = (): Palette => this.#palette;
    const common = joined(width, HEIGHT, joint, told);
    this.#plot = new uPlot(
      {
        ...common,
        scales: {
          x: { time: true, auto: false, min: drawn.from, max: drawn.to },
          y: {
            range: (_, min, max) =>
              this.#drawn.log
                ? logEnds(10 ** min, 10 ** max)
                : [0, ceilingOf(max, bulkOf(this.#drawn.bands))],
          },
        },
        axes: [timeAxis(colours), durationAxis(colours, joint.room, () => this.#drawn.log)],
        series: [
          {},
          ...DASHES.map((dash, at) => ({
            stroke: () => this.#colour(at),
            width: 1.5,
            dash: [...dash],
            points: { show: false },
          })),
        ],
        hooks: { ...common.hooks, draw: [(plot) => this.#markBeyond(plot)] },
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

  #colour(at: number): string {
    return this.#palette.lines[at] ?? this.#palette.accent;
  }

  /** Marks the medians that lie above the scale, in the colours of their lines. */
  #markBeyond(plot: uPlot): void {
    const { bands, log } = this.#drawn;
    const [dates, ...rows] = alignedOf(bands.slice(0, DASHES.length));
    const place = (duration: number): number => scaledTo(duration, log);
    rows.forEach((row, at) => drawBeyond(plot, dates, row, place, this.#colour(at)));
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
