/**
 * Charts over one span of time: a common cross-hair, and what people do with the pointer, the wheel and
 * the keys. It is the same in every chart.
 */
// Must come before uPlot, which cannot be loaded without it.
import "./language";

import uPlot from "uplot";

import { AxisRoom } from "../state/axisRoom.svelte";
import type { Span } from "../state/spans";
import { zoned } from "./axes";
import type { Palette } from "./palette";

/** What changes the span of all charts of a view. */
export interface SpanMoves {
  /** Shows a part of the span; `null` to show everything again. */
  zoom: (part: Span | null) => void;
  /** Makes the span so many times as long. The date `around` keeps its place. */
  scale: (factor: number, around: number) => void;
  /** Moves the span by a share of its length. */
  shift: (share: number) => void;
}

/** What the charts of a view have in common. */
export interface ChartJoint {
  /** Charts with the same key share one cross-hair. */
  key: string;
  moves: SpanMoves;
  /** The width of their labels. */
  room: AxisRoom;
}

/** What the charts of a new view have in common. */
export const jointOf = (moves: SpanMoves): ChartJoint => ({
  key: `history ${Math.random()}`,
  moves,
  room: new AxisRoom(),
});

/** A chart as its frame in the page needs it. */
export interface JoinedPlot<Drawn> {
  draw(drawn: Drawn): void;
  resize(width: number): void;
  repaint(palette: Palette): void;
  destroy(): void;
}

/** Creates a chart, which tells where the pointer is over any chart of the view. */
export type CreatePlot<Drawn> = (
  target: HTMLElement,
  width: number,
  palette: Palette,
  told: (at: Pointed | null) => void,
) => JoinedPlot<Drawn>;

/** Where the pointer is: the date, and how many pixels that is from the left edge of the chart. */
export interface Pointed {
  date: number;
  left: number;
}

/** By how many stops each key moves the cross-hair. */
const STOPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -20,
  PageUp: 20,
  Home: -Infinity,
  End: Infinity,
};
/** What `aria-keyshortcuts` says of a chart. */
export const CHART_KEYS = "ArrowLeft ArrowRight Home End + - Shift+ArrowLeft Shift+ArrowRight";

/** The chart that has the focus, as its keys need it. */
export interface KeyedChart {
  /** The dates that the arrow keys stop at. */
  stops: readonly number[];
  /** The number of the stop that the cross-hair is at. */
  at: number;
  /** The middle of the span, around which a chart without stops is scaled. */
  middle: number;
  joint: ChartJoint;
}

/**
 * Does what a key means in a chart: moves the cross-hair, or moves or scales the span. Returns the number
 * of the stop that the cross-hair is then at; `null` for a key that means nothing.
 */
export function chartKey(event: KeyboardEvent, chart: KeyedChart): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const { stops, at, joint } = chart;
  const { moves } = joint;
  const around = stops[at] ?? chart.middle;
  const move = STOPS[event.key];
  let next = at;
  if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    moves.shift(event.key === "ArrowLeft" ? -0.5 : 0.5);
  } else if (move !== undefined) {
    next = Math.max(0, Math.min(stops.length - 1, at + move));
    const date = stops[next];
    if (date !== undefined) pointAll(joint.key, date);
  } else if (event.key === "+" || event.key === "=") moves.scale(0.5, around);
  else if (event.key === "-") moves.scale(2, around);
  else return null;
  event.preventDefault();
  return next;
}

/** Scales the span by Ctrl and the wheel, and by a pinch, which the engine reports as such. */
function wheeled(plot: uPlot, event: WheelEvent, moves: SpanMoves): void {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const { left, width } = plot.over.getBoundingClientRect();
  const place = Math.max(0, Math.min(width, event.clientX - left));
  const factor = Math.min(2, Math.max(0.5, Math.exp(event.deltaY / 200)));
  moves.scale(factor, plot.posToVal(place, "x"));
}

/**
 * The options of a chart in a row of charts with the same key. `told` is called when the pointer or a key
 * moves the cross-hair of any of them; with `null` when it has left.
 */
export function joined(
  width: number,
  height: number,
  { key, moves, room }: ChartJoint,
  told: (at: Pointed | null) => void,
): Omit<uPlot.Options, "series"> {
  // The part that is selected in one chart is that chart's: others may still show another span.
  const isShared = (type: string): boolean => type === "mousemove" || type === "mouseleave";
  return {
    width,
    height,
    tzDate: zoned,
    legend: { show: false },
    padding: [8, 6, 0, 0],
    cursor: {
      y: false,
      points: { show: false },
      sync: { key, setSeries: false, filters: { pub: isShared, sub: () => true } },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: {
        dblclick: () => () => {
          moves.zoom(null);
          return null;
        },
      },
    },
    hooks: {
      destroy: [(plot) => room.forget(plot)],
      ready: [
        (plot) => {
          const wheel = (event: WheelEvent): void => wheeled(plot, event, moves);
          // A listener that is passive could not keep the page from growing.
          plot.root.addEventListener("wheel", wheel, { passive: false });
        },
      ],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor;
          if (left === undefined || left < 0) told(null);
          else
            told({
              date: plot.posToVal(left, "x"),
              left: left + plot.bbox.left / devicePixelRatio,
            });
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 6) return;
          moves.zoom({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + wide, "x") });
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Moves the cross-hair of all charts with this key to a date. */
function pointAll(key: string, date: number): void {
  for (const plot of uPlot.sync(key).plots) {
    plot.setCursor({ left: plot.valToPos(date, "x"), top: 1 });
  }
}
