/**
 * Draws the status, a column of pixels after the other: a line at the mean with a faint area below it.
 * What was not up hangs from above: outages as tall as their share of the column, then what was partly
 * up, in stripes. Failed checks that were not confirmed are thin plain marks. So a column that was mostly up is mostly free, however many short outages it has.
 */
import type uPlot from "uplot";

import { levelOf } from "../state/status";
import type { StatusColumn } from "../state/statusColumns";
import { toneOf } from "../state/statusStyle";
import type { Tone } from "../state/statusStyle";
import { textureOf } from "./palette";
import type { Palette } from "./palette";

/** The least height of an outage and of what was partly up, so that a short one shows in a long span. */
const [LEAST, LEAST_PARTLY] = [5, 3];
/** The least width of those marks, the height of the foot of what is unknown, and of the line. */
const [WIDE, FOOT, LINE] = [2, 3, 2];
/** The least height of the mark of a failed check that was not confirmed, and its width. */
const [DOUBT, THIN] = [14, 1];
/** What is less wide has no stripes that could be seen. */
const NARROW = 5;
/** A share from which on an outage takes the whole column. */
const WHOLE = 0.995;

/** How a column looks. Lengths are in pixels of the canvas, from the top of the chart on. */
interface ColumnLook {
  /** `null` where only unknown samples are. */
  line: number | null;
  tone: Tone;
  /** The height of the outages. */
  down: number;
  isWholeDown: boolean;
  /** Where the stripes of what was partly up end. */
  partly: number;
  /** The height of failed checks that were not confirmed. */
  unconfirmed: number;
  hasUnknown: boolean;
}

function lookOf(column: StatusColumn, height: number, ratio: number): ColumnLook {
  const { mean, hasUnknown } = column;
  const none = { tone: "none" as const, down: 0, isWholeDown: false, partly: 0, unconfirmed: 0 };
  if (mean === null) return { ...none, line: null, hasUnknown };
  const isWholeDown = column.down >= WHOLE;
  const least = (share: number, least: number): number =>
    share > 0 ? Math.max(least * ratio, Math.round(share * height)) : 0;
  const down = isWholeDown ? height : Math.min(height, least(column.down, LEAST));
  const line = Math.round((1 - mean) * (height - LINE * ratio));
  // The line over ups and downs bounds what was up. One over a status that lasted has its tone.
  const fallen = column.down + column.partly;
  const isDoubt = fallen < WHOLE && fallen + column.unconfirmed >= WHOLE;
  const partly = column.partly > 0 ? Math.max(line, down, LEAST_PARTLY * ratio) : 0;
  return {
    line,
    tone: isDoubt ? "none" : fallen < WHOLE ? "up" : toneOf(levelOf(mean)),
    down,
    isWholeDown,
    partly,
    unconfirmed: isWholeDown ? 0 : least(column.unconfirmed, DOUBT),
    hasUnknown,
  };
}

/** Columns beside each other that look alike. */
interface Run {
  left: number;
  right: number;
  look: ColumnLook;
}

function runsOf(plot: uPlot, columns: readonly (StatusColumn | null)[], ratio: number): Run[] {
  const { left, width, height } = plot.bbox;
  const place = (at: number): number => Math.round(left + (at * width) / columns.length);
  const runs: Run[] = [];
  let before = "";
  columns.forEach((column, at) => {
    const look = column === null ? null : lookOf(column, height, ratio);
    const key = look === null ? "" : JSON.stringify(look);
    const last = runs.at(-1);
    if (look !== null && last !== undefined && key === before) last.right = place(at + 1);
    else if (look !== null) runs.push({ left: place(at), right: place(at + 1), look });
    before = key;
  });
  return runs;
}

/** Draws the columns, which share the width of the chart; `null` is one of which nothing is known. */
export function drawStatus(
  plot: uPlot,
  columns: readonly (StatusColumn | null)[],
  palette: Palette,
): void {
  const { ctx, bbox } = plot;
  const { tone, muted } = palette;
  const [{ top, height }, ratio] = [bbox, devicePixelRatio];
  const stripes = textureOf(ctx, "stripes", tone.down, ratio);
  const partly = textureOf(ctx, "stripes", tone.partly, ratio);
  const dots = textureOf(ctx, "dots", tone.none, ratio);
  const runs = runsOf(plot, columns, ratio);
  const fill = (
    style: string | CanvasPattern,
    alpha: number,
    box: Parameters<typeof ctx.rect>,
  ): void => {
    ctx.globalAlpha = alpha;
    ctx.fillStyle = style;
    ctx.fillRect(...box);
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, top, bbox.width, height);
  ctx.clip();
  for (const { left, right, look } of runs) {
    const width = right - left;
    if (look.line === null) fill(dots, 1, [left, top, width, height]);
    else if (look.isWholeDown) {
      fill(stripes, 1, [left, top, width, height]);
      fill(tone[look.tone], 1, [left, top + look.line, width, LINE * ratio]);
    } else {
      const below = top + look.line;
      fill(tone[look.tone], look.tone === "up" ? 0.18 : 0.24, [
        left,
        below,
        width,
        top + height - below,
      ]);
      fill(tone[look.tone], 1, [left, below, width, LINE * ratio]);
    }
  }
  // Marks lie on top, because short ones reach into the columns beside them.
  for (const { left, right, look } of runs) {
    const width = right - left;
    // The newest column is at the very edge, where more than its width would be cut off.
    const wide = Math.max(width, WIDE * ratio);
    const wider = Math.min(left, bbox.left + bbox.width - wide);
    if (look.unconfirmed > 0) {
      fill(muted, 0.16, [left, top, width, look.unconfirmed]);
      fill(muted, 1, [left, top, THIN * ratio, look.unconfirmed]);
    }
    if (look.partly > look.down) {
      fill(partly, 1, [left, top + look.down, width, look.partly - look.down]);
    }
    // Where there is no room for stripes.
    if (look.partly > 0 && look.down === 0 && width < NARROW * ratio) {
      fill(tone.partly, 1, [wider, top, wide, LEAST_PARTLY * ratio]);
    }
    if (look.down > 0 && !look.isWholeDown) {
      fill(tone.down, 1, [left, top, width, look.down]);
      fill(tone.down, 1, [wider, top, wide, LEAST * ratio]);
    }
    if (look.hasUnknown && look.line !== null) {
      fill(tone.none, 1, [wider, top + height - FOOT * ratio, wide, FOOT * ratio]);
    }
  }
  ctx.restore();
}
