/** The chart of metrics with one unit: a line of the means of each, in a band from minima to maxima. */
import { axis, durationAxis, logEnds, roomIn, timeAxis } from "./axes";

import uPlot from "uplot";

import type { AxisRoom } from "../state/axisRoom.svelte";
import { endsOf, linesOf, MOST_LINES, valueText } from "../state/metrics";
import type { Line, MetricGroup } from "../state/metrics";
import { scaledTo } from "../state/scale";
import { joined } from "./joined";
import type { ChartJoint, JoinedPlot, Pointed } from "./joined";
import { DASHES } from "./lines";
import type { Palette } from "./palette";
import { isSparse } from "./plots";

/** What a chart shows, which is replaced as a whole. */
export interface MetricChart {
  group: MetricGroup;
  /** A line ends where there were no values for so many seconds. */
  gap: number;
  /** True for a logarithmic scale of durations. */
  log: boolean;
  from: number;
  to: number;
}

const HEIGHT = 110;
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
              points: { show: isSparse, size: 4 },
            },
            { width: 0, points: { show: false } },
            { width: 0, points: { show: false } },
          ]),
        ],
        bands: DASHES.map((_, at) => ({
          series: [3 * at + 3, 3 * at + 2] as [number, number],
          fill: () => this.#colour(at) + (this.#drawn.group.metrics.length > 1 ? AMONG : ALONE),
        })),
        hooks: { ...common.hooks, draw: [(plot) => this.#drawThresholds(plot)] },
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
    return unit === "s" && metrics.every(({ mins }) => mins.every((min) => min >= 0));
  }

  #isLog(): boolean {
    return this.#drawn.log && this.#areDurations();
  }

  #axis(room: AxisRoom): uPlot.Axis {
    if (this.#areDurations()) return durationAxis(this.#colours, room, () => this.#isLog());
    const values = (_: uPlot, splits: number[]): string[] =>
      splits.map((at) => valueText(at, this.#drawn.group.unit));
    return axis(this.#colours, { size: roomIn(room), values, space: 24 });
  }

  #ends(): [number, number] {
    const { metrics } = this.#drawn.group;
    const [low, high] = endsOf(metrics);
    if (this.#isLog()) {
      const known = metrics.flatMap(({ means }) => means).filter((mean) => mean > 0);
      return logEnds(Math.min(...known, high), high);
    }
    return this.#areDurations() ? [0, high] : [low, high];
  }

  #data(): uPlot.AlignedData {
    const { group, gap } = this.#drawn;
    const { dates, lines } = linesOf(group.metrics, gap);
    const on = (line: Line): Line =>
      line.map((value) => (typeof value === "number" ? scaledTo(value, this.#isLog()) : value));
    const empty = dates.map(() => null);
    const columns = Array.from({ length: MOST_LINES }, (_, at) => {
      const { means, mins, maxs } = lines[at] ?? { means: empty, mins: empty, maxs: empty };
      return [on(means), on(mins), on(maxs)];
    });
    return [dates, ...columns.flat()];
  }

  /**
   * A dashed line with its name at each value at which a plugin warns, or finds it critical. Of values
   * outside of the scale only the names are there, at its end.
   */
  #drawThresholds(plot: uPlot): void {
    const { metrics, unit } = this.#drawn.group;
    const [{ ctx }, { tone, text }, ratio] = [plot, this.#palette, devicePixelRatio];
    const { left, top, width, height } = plot.bbox;
    const edges = metrics.flatMap(({ warn, crit }) => [
      ...warn.map((at) => ({ at, word: "warn", colour: tone.partly })),
      ...crit.map((at) => ({ at, word: "crit", colour: tone.down })),
    ]);
    ctx.save();
    ctx.font = `${10.5 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    const [above, below]: [string[], string[]] = [[], []];
    for (const { at, word, colour } of edges) {
      const y = Math.round(plot.valToPos(scaledTo(at, this.#isLog()), "y", true));
      if (y < top || y > top + height) {
        (y < top ? above : below).push(`${word} ${valueText(at, unit)}`);
        continue;
      }
      ctx.strokeStyle = colour;
      ctx.lineWidth = ratio;
      ctx.setLineDash([5 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
      ctx.fillStyle = text;
      const lower = y < top + 13 * ratio ? 11 : -3;
      ctx.fillText(`${word} ${valueText(at, unit)}`, left + width - 3 * ratio, y + lower * ratio);
    }
    ctx.fillStyle = text;
    const right = left + width - 3 * ratio;
    if (above.length > 0) ctx.fillText(`${above.join(", ")} ↑`, right, top + 10 * ratio);
    if (below.length > 0) ctx.fillText(`${below.join(", ")} ↓`, right, top + height - 3 * ratio);
    ctx.restore();
  }
}
