/** Charts over one span: a common cross-hair, and a part that a person selects. */
// Must come before uPlot, which cannot be loaded without it.
import "./language";

import uPlot from "uplot";

import { zoned } from "./axes";

/** The events of the charts. */
export interface ChartEvents {
  /** The pointer is at that date, `left` pixels from the left edge; `null` if it left the chart. */
  pointed: (at: { date: number; left: number } | null) => void;
  /** A span was selected by dragging; `null` to show everything again. */
  zoomed: (span: { from: number; to: number } | null) => void;
  /** The plotting area changed: pixels from the left edge, and its width. */
  framed: (left: number, width: number) => void;
}

/** By how many stops each key moves the cross-hair. */
export const CHART_MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -20,
  PageUp: 20,
  Home: -Infinity,
  End: Infinity,
};

/** The options of a chart in a row of charts with the same key. */
export function joined(
  width: number,
  height: number,
  key: string,
  told: ChartEvents,
): Omit<uPlot.Options, "series"> {
  return {
    width,
    height,
    tzDate: zoned,
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
    },
  };
}

/** Moves the cross-hair of all charts with this key to a date. */
export function pointAll(key: string, date: number): void {
  for (const plot of uPlot.sync(key).plots) {
    plot.setCursor({ left: plot.valToPos(date, "x"), top: 1 });
  }
}
