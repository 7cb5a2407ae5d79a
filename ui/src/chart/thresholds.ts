/** Thresholds of a plugin over a chart: dashed lines, each with a tag that says what is beyond it. */
import type uPlot from "uplot";

import type { ShownEdge } from "../state/shownMetric";
import type { Palette } from "./palette";

/** A rectangle in pixels of the canvas. */
export interface TagBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Of a tag, and between its line or the edge of the plot and itself, in pixels. */
const [HEIGHT, APART] = [14, 2];
/** From the edge of a tag to its text, and the text from its bottom. */
const [INDENT, DESCENT] = [4, 3.5];
const FONT = "10.5px system-ui, sans-serif";

const overlap = (one: TagBox, other: TagBox): boolean =>
  one.left < other.left + other.width &&
  other.left < one.left + one.width &&
  one.top < other.top + other.height &&
  other.top < one.top + one.height;

/** The share of the height that a row of tags takes. */
const ROW = 0.2;

/**
 * The ends of a scale, farther apart so that there is room for the tags of thresholds: beyond the values
 * for those outside, and beyond the outermost lines of those inside, if nothing else is there.
 */
export function withRoom(
  [low, high]: readonly [number, number],
  places: readonly number[],
): [number, number] {
  let ends: [number, number] = [low, high];
  // A threshold that was outside may be inside the longer scale.
  for (let round = 0; round <= places.length; round += 1) {
    const inside = places.filter((place) => place >= ends[0] && place <= ends[1]);
    const above = places.some((place) => place > ends[1]) ? ROW : 0;
    const below = places.some((place) => place < ends[0]) ? ROW : 0;
    const tops: [number, number][] = [[high, above]];
    const bottoms: [number, number][] = [[low, below]];
    if (inside.length > 0) {
      tops.push([Math.max(...inside), above + ROW]);
      // A scale from zero goes on beginning there.
      if (low !== 0) bottoms.push([Math.min(...inside), below + ROW]);
    }
    const lengths = tops.flatMap(([top, over]) =>
      bottoms.map(([bottom, under]) => (top - bottom) / (1 - over - under)),
    );
    const length = Math.max(...lengths);
    const next: [number, number] = [
      Math.min(...bottoms.map(([bottom, under]) => bottom - under * length)),
      Math.max(...tops.map(([top, over]) => top + over * length)),
    ];
    if (next[0] === ends[0] && next[1] === ends[1]) break;
    ends = next;
  }
  return ends;
}

/** A place in pixels of the canvas. */
export interface TracedPoint {
  left: number;
  top: number;
}

/** The places that are tried along a line, beside those at its right end. */
const TRIED = 8;

/**
 * Where the tags are: at the right end of their lines, above or below them, within the plot. A tag that
 * would lie on another one, or on what is traced, is further to the left. No line strikes a tag through,
 * if there is room. `null` for a tag without any room; the remark of the chart has its words too.
 */
export function placeTags(
  tags: readonly { line: number; width: number }[],
  plot: TagBox,
  ratio: number,
  traced: readonly TracedPoint[] = [],
): (TagBox | null)[] {
  const [height, apart] = [HEIGHT * ratio, APART * ratio];
  const placed: TagBox[] = [];
  return tags.map(({ line, width }) => {
    const right = plot.left + plot.width - apart;
    const way = plot.width - 2 * apart - width;
    const further = Array.from(
      { length: way > 0 ? TRIED : 0 },
      (_, at) => right - (way * (at + 1)) / TRIED,
    );
    const ends = [right, ...placed.map(({ left }) => left - 2 * apart), ...further];
    const tops = [line - apart - height, line + apart].filter(
      (top) => top >= plot.top && top + height <= plot.top + plot.height,
    );
    const boxes = ends.flatMap((end) =>
      tops.map((top) => ({ left: end - width, top, width, height })),
    );
    const free = boxes.filter(
      (box) => box.left >= plot.left && !placed.some((other) => overlap(box, other)),
    );
    const isStruck = ({ top }: TagBox): boolean =>
      tags.some((other) => other.line > top && other.line < top + height);
    const hidden = ({ left, top }: TagBox): number =>
      traced.filter(
        (one) =>
          one.left >= left && one.left <= left + width && one.top >= top && one.top <= top + height,
      ).length;
    const costs = free.map((box) => hidden(box) + (isStruck(box) ? traced.length + 1 : 0));
    const found = free[costs.indexOf(Math.min(...costs))] ?? null;
    if (found !== null) placed.push(found);
    return found;
  });
}

/** The lines of a plot as points that are near each other. */
function tracedOf(plot: uPlot, lines: readonly number[], apart: number): TracedPoint[] {
  const dates = plot.data[0];
  return lines.flatMap((line) => {
    const found: TracedPoint[] = [];
    let before: TracedPoint | null = null;
    plot.data[line]?.forEach((value, at) => {
      if (value === undefined) return;
      const date = dates[at];
      if (value === null || date === undefined) {
        before = null;
        return;
      }
      const here = {
        left: plot.valToPos(date, "x", true),
        top: plot.valToPos(value, "y", true),
      };
      const from: TracedPoint = before ?? here;
      const steps = Math.max(1, Math.ceil(Math.abs(here.left - from.left) / apart));
      for (let step = 1; step <= steps; step += 1) {
        const share = step / steps;
        found.push({
          left: from.left + (here.left - from.left) * share,
          top: from.top + (here.top - from.top) * share,
        });
      }
      before = here;
    });
    return found;
  });
}

/** A tag before it has a place. */
interface Tag {
  text: string;
  line: number;
  width: number;
  colour: string;
}

/**
 * Draws a line at each threshold within the scale, and its tag. Of thresholds beyond the scale only the
 * tags are there, with an arrow, at its end. No tag hides one of these lines of the plot, if there is room.
 */
export function drawThresholds(
  plot: uPlot,
  edges: readonly ShownEdge[],
  placeOf: (value: number) => number,
  lines: readonly number[],
  { tone, text, ground }: Palette,
): void {
  const [{ ctx, bbox }, ratio] = [plot, devicePixelRatio];
  const bottom = bbox.top + bbox.height;
  const colours = { warn: tone.partly, crit: tone.down };
  ctx.save();
  ctx.font = FONT.replace("10.5", String(10.5 * ratio));
  const tags: Tag[] = [];
  for (const edge of edges) {
    const y = Math.round(plot.valToPos(placeOf(edge.at), "y", true));
    const [isAbove, isBelow] = [y < bbox.top, y > bottom];
    const colour = colours[edge.kind];
    const said = isAbove ? `${edge.text} ↑` : isBelow ? `${edge.text} ↓` : edge.text;
    const width = ctx.measureText(said).width + 2 * INDENT * ratio;
    const line = isAbove ? bbox.top : isBelow ? bottom : y;
    if (edge.text !== "") tags.push({ text: said, line, width, colour });
    if (isAbove || isBelow) continue;
    ctx.strokeStyle = colour;
    ctx.lineWidth = ratio;
    ctx.setLineDash([5 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  const traced = tags.length === 0 ? [] : tracedOf(plot, lines, 4 * ratio);
  placeTags(tags, bbox, ratio, traced).forEach((box, at) => {
    const tag = tags[at];
    if (box === null || tag === undefined) return;
    ctx.globalAlpha = 0.88;
    ctx.fillStyle = ground;
    ctx.fillRect(box.left, box.top, box.width, box.height);
    ctx.globalAlpha = 1;
    // The colour of its line, so that a tag beyond the scale is told apart too.
    ctx.fillStyle = tag.colour;
    ctx.fillRect(box.left, box.top, 1.5 * ratio, box.height);
    ctx.fillStyle = text;
    ctx.textAlign = "left";
    ctx.fillText(tag.text, box.left + INDENT * ratio, box.top + box.height - DESCENT * ratio);
  });
  ctx.restore();
}
