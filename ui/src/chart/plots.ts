/** The two charts of the history, with a common time axis. */
// Must come before uPlot, which cannot be loaded without it.
import "./language";

import uPlot from "uplot";

import { ceilingOf } from "../state/history";
import type { Step } from "../state/history";
import type { Durations } from "../state/parts";
import { scaledTo } from "../state/scale";
import { columnsOfParts, columnsOfSteps } from "../state/statusColumns";
import type { IncidentMark, SpanPart } from "../wire/wire";
import { axis, durationAxis, logEnds, roomIn, timeAxis } from "./axes";
import { drawStatus } from "./columns";
import { joined } from "./joined";
import type { ChartJoint, JoinedPlot, Pointed } from "./joined";
import { drawBeyond, drawNotes } from "./marks";
import type { Palette } from "./palette";
import { drawPoints } from "./points";

/** The data of the charts, which are replaced as a whole. */
export interface ChartData {
  /** The steps of the status, if all samples are there; else `null`. */
  steps: readonly Step[] | null;
  parts: readonly SpanPart[];
  /** All incidents of the span. */
  marks: readonly IncidentMark[];
  durations: Durations;
  /** True for a logarithmic scale of durations. */
  log: boolean;
  /** The 99th percentile of all durations of the span, in seconds. */
  p99: number | null;
  notes: readonly number[];
  from: number;
  to: number;
}

const STATUS_HEIGHT = 80;
const DURATION_HEIGHT = 130;

/** Whom the charts tell of what a person sees and does. */
export interface PlotEvents {
  pointed: (at: Pointed | null) => void;
  /** The plotting area changed: pixels from the left edge, and its width. */
  framed: (left: number, width: number) => void;
}

export class Plots implements JoinedPlot<ChartData> {
  #drawn: ChartData;
  #palette: Palette;
  readonly #status: uPlot;
  readonly #duration: uPlot;

  constructor(
    status: HTMLElement,
    duration: HTMLElement,
    width: number,
    drawn: ChartData,
    palette: Palette,
    joint: ChartJoint,
    told: PlotEvents,
  ) {
    this.#drawn = drawn;
    this.#palette = palette;
    this.#status = new uPlot(this.#statusOptions(width, joint, told), this.#statusData(), status);
    this.#duration = new uPlot(
      this.#durationOptions(width, joint, told),
      this.#durationData(),
      duration,
    );
  }

  draw(drawn: ChartData): void {
    this.#drawn = drawn;
    const { from, to } = drawn;
    this.#status.batch(() => {
      this.#status.setData(this.#statusData(), false);
      this.#status.setScale("x", { min: from, max: to });
    });
    this.#duration.batch(() => {
      this.#duration.setData(this.#durationData(), true);
      this.#duration.setScale("x", { min: from, max: to });
    });
  }

  resize(width: number): void {
    this.#status.setSize({ width, height: STATUS_HEIGHT });
    this.#duration.setSize({ width, height: DURATION_HEIGHT });
  }

  repaint(palette: Palette): void {
    this.#palette = palette;
    this.#status.redraw(false);
    this.#duration.redraw(false);
  }

  /** The two pictures, from top to bottom. */
  canvases(): HTMLCanvasElement[] {
    return [this.#status.ctx.canvas, this.#duration.ctx.canvas];
  }

  destroy(): void {
    this.#status.destroy();
    this.#duration.destroy();
  }

  /** The status is drawn from the steps or parts. uPlot needs only the dates. */
  #statusData(): uPlot.AlignedData {
    const { from, to } = this.#drawn;
    return [
      [from, to],
      [null, null],
    ];
  }

  #durationData(): uPlot.AlignedData {
    const { durations, log } = this.#drawn;
    const on = (values: (number | null)[]): (number | null)[] =>
      values.map((value) => (value === null ? null : scaledTo(value, log)));
    const { p50, p95, p99, longest } = durations;
    return [durations.dates, on(p50), on(p95), on(p99), on(longest)];
  }

  readonly #colours = (): Palette => this.#palette;

  #statusOptions(width: number, joint: ChartJoint, told: PlotEvents): uPlot.Options {
    const common = joined(width, STATUS_HEIGHT, joint, told.pointed);
    return {
      ...common,
      scales: {
        x: { time: true, auto: false, min: this.#drawn.from, max: this.#drawn.to },
        y: { auto: false, min: 0, max: 1 },
      },
      axes: [
        axis(this.#colours, { values: () => [], size: 6 }),
        axis(this.#colours, {
          values: (_, splits) => splits.map((at) => `${Math.round(at * 100)}%`),
          size: roomIn(joint.room),
          splits: () => [0, 0.5, 1],
        }),
      ],
      series: [{}, { show: true }],
      hooks: {
        ...common.hooks,
        draw: [
          (plot) => {
            this.#drawStatus(plot);
            drawNotes(plot, this.#drawn.notes, this.#palette);
            told.framed(plot.bbox.left / devicePixelRatio, plot.bbox.width / devicePixelRatio);
          },
        ],
      },
    };
  }

  /** Draws the status of each column of pixels. */
  #drawStatus(plot: uPlot): void {
    const { steps, parts, marks } = this.#drawn;
    const { min: from = 0, max: to = 0 } = plot.scales.x ?? {};
    const axis = { from, to, count: Math.round(plot.bbox.width / devicePixelRatio) };
    if (to <= from || axis.count <= 0) return;
    const columns =
      steps === null ? columnsOfParts(parts, marks, axis) : columnsOfSteps(steps, marks, axis);
    drawStatus(plot, columns, this.#palette);
  }

  /** The ends of the scale of durations. */
  #ends(min: number | null, max: number | null): [number, number] {
    const { log, durations, p99 } = this.#drawn;
    if (!log) return [0, ceilingOf(max ?? 0, p99)];
    const known = durations.p50.filter((value) => value !== null);
    const most = 10 ** (max ?? 0);
    return min === null ? logEnds(0, 0) : logEnds(Math.min(...known, most), most);
  }

  #durationOptions(width: number, joint: ChartJoint, told: PlotEvents): uPlot.Options {
    const common = joined(width, DURATION_HEIGHT, joint, told.pointed);
    const hidden = { points: { show: false } };
    return {
      ...common,
      scales: {
        x: { time: true, auto: false, min: this.#drawn.from, max: this.#drawn.to },
        y: { range: (_, min, max) => this.#ends(min, max) },
      },
      axes: [
        timeAxis(this.#colours),
        durationAxis(this.#colours, joint.room, () => this.#drawn.log),
      ],
      series: [
        {},
        {
          stroke: () => this.#palette.accent,
          width: 1.5,
          points: { show: false },
        },
        hidden,
        hidden,
        hidden,
      ],
      bands: [
        { series: [2, 1], fill: () => `${this.#palette.accent}48` },
        { series: [3, 2], fill: () => `${this.#palette.accent}22` },
      ],
      hooks: {
        ...common.hooks,
        draw: [
          (plot) => {
            const { durations, log, notes } = this.#drawn;
            const { dates, longest } = durations;
            const place = (duration: number): number => scaledTo(duration, log);
            drawPoints(plot, dates, plot.data[1] ?? [], this.#palette.accent);
            drawBeyond(plot, dates, longest, place, this.#palette.accent);
            drawNotes(plot, notes, this.#palette);
          },
        ],
      },
    };
  }
}
