/** The points of a line: all if they are few, else those between two gaps, which have no line. */
import type uPlot from "uplot";

/** The numbers of a series, as uPlot has them. */
type Numbers = uPlot.AlignedData[number];

/** Of a point, in pixels. */
const RADIUS = 2.5;

/** True where a line would not show a single sample. */
const isSparse = (plot: uPlot, count: number): boolean =>
  count < plot.bbox.width / devicePixelRatio / 12;

/** Draws the points whole, though they lie at the edge of the plot. */
export function drawPoints(plot: uPlot, dates: Numbers, places: Numbers, colour: string): void {
  const { ctx, bbox } = plot;
  const { min = -Infinity, max = Infinity } = plot.scales.x ?? {};
  // What is `undefined` belongs to another line of the same chart.
  const own = Array.from(dates, (date, at) => ({ date: date ?? NaN, place: places[at] })).filter(
    (one): one is { date: number; place: number | null } => one.place !== undefined,
  );
  const within = own.filter(({ date, place }) => place !== null && date >= min && date <= max);
  const all = isSparse(plot, within.length);
  ctx.save();
  ctx.fillStyle = colour;
  own.forEach(({ date, place }, at) => {
    const isLone = (own[at - 1]?.place ?? null) === null && (own[at + 1]?.place ?? null) === null;
    if (place === null || date < min || date > max || (!all && !isLone)) return;
    const y = plot.valToPos(place, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) return;
    ctx.beginPath();
    ctx.arc(plot.valToPos(date, "x", true), y, RADIUS * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  });
  ctx.restore();
}
