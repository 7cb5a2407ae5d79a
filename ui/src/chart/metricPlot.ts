/** The chart of metrics with one unit: a line of the means of each, in a band from minima to maxima. */
import { axis, durationAxis, logEnds, roomIn, timeAxis } from "./axes";

import uPlot from "uplot";

import type { AxisRoom } from "../state/axisRoom.svelte";
import { BYTES, markText, powerOf, sizeMarkText } from "../state/measuredText";
import { endsOf, linesOf } from "../state/metricLines";
import type { Line } from "../state/metricLines";
import { MOST_LINES } from "../state/metrics";
import type { MetricGroup } from "../state/metrics";
import { scaledTo, sizeMarks } from "../state/scale";
import type { MeasuredMetric } from "../wire/wire";
import { joined } from "./joined";
import type { ChartJoint, JoinedPlot, Pointed } from "./joined";
import { DASHES } from "./lines";
import type { Palette } from "./palette";
import { drawPoints } from "./points";
import { drawThresholds, withRoom } from "./thresholds";

/** What a chart shows, which is replaced as a whole. */
export interface MetricChart {
  group: MetricGroup;
  /** A line ends where there were no values for so many seconds. */
  gap: number;
  /** When the values were read, Unix seconds. Nothing is drawn later than that. */
  now: number;
  /** True for a logarithmic scale of durations. */
  log: boolean;
  from: number;
  to: number;
}

const HEIGHT = 110;
/** The steps between the marks of an upright axis, at most. */
const MARKS = 3;
/** Durations of a year and more are numbers like all others. */
const LONGEST = 31_536_000;
/** Values beyond these amounts have no marks in uPlot, and are drawn as multiples of a power of ten. */
const [TINY, HUGE] = [1e-9, 1e12];
/** How much of its colour a band has, of a line alone and among others. */
const [ALONE, AMONG] = ["40", "1c"];

export class MetricPlot implements JoinedPlot<MetricChart> {
  #drawn: MetricChart;
  #palette: Palette;
  readonly #plot: uPlot;

  constructor(
    target: HTMLElement,
    width: number,
    drawn: MetricChart,
    palette: Palette,
    joint: ChartJoint,
    told: (at: Pointed | null) => void,
  ) {
    this.#drawn = drawn;
    this.#palette = palette;
    const common = joined(width, HEIGHT, joint, told);
    this.#plot = new uPlot(
      {
        ...common,
        scales: {
          x: { time: true, auto: false, min: drawn.from, max: drawn.to },
          y: { range: () => this.#ends() },
        },
        axes: [timeAxis(this.#colours), this.#axis(joint.room)],
        series: [
          {},
          ...DASHES.flatMap((dash, at) => [
            {
              stroke: () => this.#colour(at),
              width: 1.5,
              dash: [...dash],
              points: { show: false },
            },
            { width: 0, points: { show: false } },
            { width: 0, points: { show: false } },
          ]),
        ],
        bands: DASHES.map((_, at) => ({
          series: [3 * at + 3, 3 * at + 2] as [number, number],
          fill: () => this.#colour(at) + (this.#drawn.group.metrics.length > 1 ? AMONG : ALONE),
        })),
        hooks: { ...common.hooks, draw: [(plot) => this.#drawOver(plot)] },
      },
      this.#data(),
      target,
    );
  }

  draw(drawn: MetricChart): void {
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

  readonly #colours = (): Palette => this.#palette;

  #colour(at: number): string {
    return this.#palette.lines[at] ?? this.#palette.accent;
  }

  /** True if the values are drawn as durations are: from zero, or on a logarithmic scale. */
  #areDurations(): boolean {
    const { unit, metrics } = this.#drawn.group;
    const isOne = ({ mins, maxs }: MeasuredMetric): boolean =>
      mins.every((min) => min >= 0) && maxs.every((max) => max < LONGEST);
    return unit === "s" && metrics.every(isOne);
  }

  #isLog(): boolean {
    return this.#drawn.log && this.#areDurations();
  }

  /** The amount that is one on the scale. */
  #one(): number {
    const size = Math.max(...endsOf(this.#drawn.group.metrics).map(Math.abs));
    return size >= HUGE || size < TINY ? 10 ** Math.floor(Math.log10(size)) : 1;
  }

  /** The place of a value on the scale. */
  #place(value: number, one: number): number {
    return scaledTo(value / one, this.#isLog());
  }

  /** The labels of durations, or of any values. */
  #axis(room: AxisRoom): uPlot.Axis {
    const durations = durationAxis(this.#colours, room, () => this.#isLog());
    const values = axis(this.#colours, {
      size: roomIn(room),
      values: (_, splits) => {
        const one = this.#one();
        return splits.map((at) => markText(at * one, this.#drawn.group.unit));
      },
      space: 24,
    });
    if (this.#drawn.group.unit === BYTES) return { ...values, ...this.#sizes() };
    return this.#areDurations() ? durations : values;
  }

  /** The marks of sizes, all in one unit, in which they are round. */
  #sizes(): Pick<uPlot.Axis, "splits" | "values"> {
    const power = (): number => powerOf(Math.max(...this.#endsOfValues(1).map(Math.abs)));
    return {
      splits: (_, __, min, max) => {
        const one = this.#one();
        const marks = sizeMarks(min * one, max * one, 1024 ** power(), MARKS);
        return marks.map((mark) => mark / one);
      },
      values: (_, splits) => {
        const one = this.#one();
        return splits.map((at) => sizeMarkText(at * one, power()));
      },
    };
  }

  #ends(): [number, number] {
    const one = this.#one();
    const edges = this.#drawn.group.metrics.flatMap(({ edges }) => edges);
    const places = edges.map(({ at }) => this.#place(at, one)).filter(Number.isFinite);
    return withRoom(this.#endsOfValues(one), places);
  }

  #endsOfValues(one: number): [number, number] {
    const { metrics } = this.#drawn.group;
    const [low, high] = endsOf(metrics);
    if (this.#isLog()) {
      const known = metrics.flatMap(({ means }) => means).filter((mean) => mean > 0);
      return logEnds(Math.min(...known, high), high);
    }
    return [this.#areDurations() ? 0 : low / one, high / one];
  }

  #data(): uPlot.AlignedData {
    const { group, gap, now } = this.#drawn;
    const { dates, lines } = linesOf(group.metrics, gap, now);
    const one = this.#one();
    const on = (line: Line): Line =>
      line.map((value) => (typeof value === "number" ? this.#place(value, one) : value));
    const empty = dates.map(() => null);
    const columns = Array.from({ length: MOST_LINES }, (_, at) => {
      const { means, mins, maxs } = lines[at] ?? { means: empty, mins: empty, maxs: empty };
      return [on(means), on(mins), on(maxs)];
    });
    return [dates, ...columns.flat()];
  }

  /** What lies over the lines: their points, and thresholds with their tags. */
  #drawOver(plot: uPlot): void {
    const { metrics } = this.#drawn.group;
    const dates = plot.data[0];
    metrics.forEach((_, at) => {
      drawPoints(plot, dates, plot.data[3 * at + 1] ?? [], this.#colour(at));
    });
    const [edges, one] = [metrics.flatMap(({ edges }) => edges), this.#one()];
    const lines = metrics.map((_, at) => 3 * at + 1);
    drawThresholds(plot, edges, (value) => this.#place(value, one), lines, this.#palette);
  }
}
