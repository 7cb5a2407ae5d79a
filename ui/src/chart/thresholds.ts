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

/**
 * Where the tags are: at the right end of their lines, above or below them, within the plot. A tag that
 * would lie on another one is further to the left. No line strikes a tag through, if there is room.
 * `null` for a tag without any room; the remark of the chart has its words too.
 */
export function placeTags(
  tags: readonly { line: number; width: number }[],
  plot: TagBox,
  ratio: number,
): (TagBox | null)[] {
  const [height, apart] = [HEIGHT * ratio, APART * ratio];
  const placed: TagBox[] = [];
  return tags.map(({ line, width }) => {
    const right = plot.left + plot.width - apart;
    const ends = [right, ...placed.map(({ left }) => left - 2 * apart)];
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
    const found = free.find((box) => !isStruck(box)) ?? free[0] ?? null;
    if (found !== null) placed.push(found);
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
 * tags are there, with an arrow, at its end.
 */
export function drawThresholds(
  plot: uPlot,
  edges: readonly ShownEdge[],
  placeOf: (value: number) => number,
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
  placeTags(tags, bbox, ratio).forEach((box, at) => {
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
