/** The two charts of the history, with a common time axis. */
// Must come before uPlot, which cannot be loaded without it.
import "./language";

import uPlot from "uplot";

import { seconds } from "../state/format";
import { axisLabel, ceilingOf } from "../state/history";
import type { Durations, Step } from "../state/history";
import { drawBeyond, drawNotes, drawSteps } from "./steps";
import type { Palette } from "./palette";

/** The data of the charts, which are replaced as a whole. */
export interface ChartData {
  steps: readonly Step[];
  durations: Durations;
  /** The 99th percentile of all durations of the span, in seconds. */
  p99: number | null;
  notes: readonly number[];
  from: number;
  to: number;
}

/** The events of the charts. */
export interface ChartEvents {
  /** The pointer is at that date, `left` pixels from the left edge; `null` if it left the chart. */
  pointed: (at: { date: number; left: number } | null) => void;
  /** A span was selected by dragging; `null` to show everything again. */
  zoomed: (span: { from: number; to: number } | null) => void;
  /** The plotting area changed: pixels from the left edge, and its width. */
  framed: (left: number, width: number) => void;
}

const STATUS_HEIGHT = 80;
const DURATION_HEIGHT = 118;
const AXIS = 52;
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Cantarell, 'Noto Sans', sans-serif";

export class Plots {
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
    told: ChartEvents,
  ) {
    this.#drawn = drawn;
    this.#palette = palette;
    const sync = uPlot.sync(`history ${Math.random()}`);
    this.#status = new uPlot(
      this.#statusOptions(width, sync.key, told),
      this.#statusData(),
      status,
    );
    this.#duration = new uPlot(
      this.#durationOptions(width, sync.key, told),
      this.#durationData(),
      duration,
    );
    for (const plot of [this.#status, this.#duration]) sync.sub(plot);
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

  destroy(): void {
    this.#status.destroy();
    this.#duration.destroy();
  }

  /** The status is drawn from the steps. uPlot needs only the dates. */
  #statusData(): uPlot.AlignedData {
    const { from, to } = this.#drawn;
    return [
      [from, to],
      [null, null],
    ];
  }

  #durationData(): uPlot.AlignedData {
    const { dates, mean, most, least } = this.#drawn.durations;
    return [dates, mean, most, least];
  }

  #axis(values: uPlot.Axis["values"], more: uPlot.Axis): uPlot.Axis {
    return {
      font: FONT,
      stroke: () => this.#palette.muted,
      grid: { stroke: () => this.#palette.line, width: 1 },
      ticks: { show: false },
      ...(values === undefined ? {} : { values }),
      ...more,
    };
  }

  #common(
    width: number,
    height: number,
    key: string,
    told: ChartEvents,
  ): Omit<uPlot.Options, "series"> {
    return {
      width,
      height,
      legend: { show: false },
      padding: [8, 6, 0, 0],
      cursor: {
        y: false,
        points: { show: false },
        sync: { key, setSeries: false },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: {
          dblclick: () => () => {
            told.zoomed(null);
            return null;
          },
        },
      },
      hooks: {
        setCursor: [
          (plot) => {
            const { left } = plot.cursor;
            if (left === undefined || left < 0) told.pointed(null);
            else
              told.pointed({
                date: plot.posToVal(left, "x"),
                left: left + plot.bbox.left / devicePixelRatio,
              });
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select;
            if (wide < 6) return;
            told.zoomed({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + wide, "x") });
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        draw: [(plot) => drawNotes(plot, this.#drawn.notes, this.#palette)],
      },
    };
  }

  #statusOptions(width: number, key: string, told: ChartEvents): uPlot.Options {
    const common = this.#common(width, STATUS_HEIGHT, key, told);
    return {
      ...common,
      scales: {
        x: { time: true, auto: false, min: this.#drawn.from, max: this.#drawn.to },
        y: { auto: false, min: 0, max: 1 },
      },
      axes: [
        this.#axis(() => [], { size: 6 }),
        this.#axis((_, splits) => splits.map((at) => `${Math.round(at * 100)}%`), {
          size: AXIS,
          splits: () => [0, 0.5, 1],
        }),
      ],
      series: [{}, { show: true }],
      hooks: {
        ...common.hooks,
        draw: [
          (plot) => {
            drawSteps(plot, this.#drawn.steps, this.#palette);
            drawNotes(plot, this.#drawn.notes, this.#palette);
            told.framed(plot.bbox.left / devicePixelRatio, plot.bbox.width / devicePixelRatio);
          },
        ],
      },
    };
  }

  #durationOptions(width: number, key: string, told: ChartEvents): uPlot.Options {
    const common = this.#common(width, DURATION_HEIGHT, key, told);
    return {
      ...common,
      scales: {
        x: { time: true, auto: false, min: this.#drawn.from, max: this.#drawn.to },
        y: { range: (_, __, max) => [0, ceilingOf(max, this.#drawn.p99)] },
      },
      axes: [
        this.#axis((_, splits, __, ___, apart) => splits.map((at) => axisLabel(at, apart)), {
          size: 22,
          gap: 4,
          space: 56,
        }),
        this.#axis((_, splits) => splits.map((at) => (at === 0 ? "0" : seconds(at))), {
          size: AXIS,
          space: 26,
        }),
      ],
      series: [
        {},
        {
          stroke: () => this.#palette.accent,
          width: 1.5,
          points: { show: isSparse, size: 4, fill: () => this.#palette.accent },
        },
        { points: { show: false } },
        { points: { show: false } },
      ],
      bands: [{ series: [2, 3], fill: () => `${this.#palette.accent}38` }],
      hooks: {
        ...common.hooks,
        draw: [
          (plot) => {
            drawBeyond(plot, this.#drawn.durations, this.#palette);
            drawNotes(plot, this.#drawn.notes, this.#palette);
          },
        ],
      },
    };
  }
}

/** Points are drawn where a line would not show a single sample. */
function isSparse(plot: uPlot, _: number, first: number, last: number): boolean {
  return last - first < plot.bbox.width / devicePixelRatio / 12;
}
