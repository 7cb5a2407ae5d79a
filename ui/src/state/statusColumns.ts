/**
 * What each pixel column of the status chart comes to. An outage that is narrower than a column takes
 * only its share of the column's time, so that the picture agrees with the uptime beside it.
 */
import type { IncidentMark, SpanPart } from "../wire/wire";
import { isConfirmed } from "./confirmed";
import type { Step } from "./history";
import { isOutage, isUp, levelOf } from "./status";

/** What a column comes to of which something is known. */
export interface StatusColumn {
  /** The mean of the known statuses, by time; `null` if none is known. */
  mean: number | null;
  /** The share of outages in the known time, from 0 to 1. */
  down: number;
  /** The share of what was neither up nor an outage. */
  partly: number;
  /** The share of failed checks that no incident has, because others around them were good. */
  unconfirmed: number;
  /** True if there were checks without a result. */
  hasUnknown: boolean;
}

interface Axis {
  from: number;
  to: number;
  /** How many columns there are. */
  count: number;
}

/** Calls `add` with the number of each column that a time touches, and how much of the column it takes. */
function spread(
  { from, to, count }: Axis,
  begin: number,
  end: number,
  add: (at: number, share: number) => void,
): void {
  const place = (date: number): number =>
    ((Math.min(to, Math.max(from, date)) - from) / (to - from)) * count;
  const [left, right] = [place(begin), place(end)];
  for (let at = Math.floor(left); at < Math.min(count, right); at += 1) {
    const share = Math.min(right, at + 1) - Math.max(left, at);
    // Less is a rounding error at an edge, which would be drawn as a mark.
    if (share > 1e-9) add(at, share);
  }
}

/** The columns while they are added up. */
class Sums {
  readonly #axis: Axis;
  readonly #known: Float64Array;
  readonly #sum: Float64Array;
  readonly #down: Float64Array;
  readonly #partly: Float64Array;
  readonly #unconfirmed: Float64Array;
  readonly #unknown: Float64Array;

  constructor(axis: Axis) {
    this.#axis = axis;
    const empty = (): Float64Array => new Float64Array(axis.count);
    [this.#known, this.#sum, this.#unknown] = [empty(), empty(), empty()];
    [this.#down, this.#partly, this.#unconfirmed] = [empty(), empty(), empty()];
  }

  addStatus(from: number, to: number, status: number | null): void {
    spread(this.#axis, from, to, (at, share) => {
      if (status === null) addTo(this.#unknown, at, share);
      else {
        addTo(this.#known, at, share);
        addTo(this.#sum, at, share * status);
      }
    });
  }

  /** Adds a time that was not up. `density` is the share of it that really was not. */
  addFallen(from: number, to: number, level: number, density = 1): void {
    const into = isOutage(level) ? this.#down : this.#partly;
    spread(this.#axis, from, to, (at, share) => addTo(into, at, share * density));
  }

  /** Adds a time with failed checks that no incident has. */
  addUnconfirmed(from: number, to: number, density = 1): void {
    spread(this.#axis, from, to, (at, share) => addTo(this.#unconfirmed, at, share * density));
  }

  columns(): (StatusColumn | null)[] {
    return Array.from({ length: this.#axis.count }, (_, at) => {
      const of = (sums: Float64Array): number => sums[at] ?? 0;
      const [known, hasUnknown] = [of(this.#known), of(this.#unknown) > 0];
      const none = { mean: null, down: 0, partly: 0, unconfirmed: 0, hasUnknown };
      if (known === 0) return hasUnknown ? none : null;
      // An incident may last while nothing is known.
      const down = Math.min(1, of(this.#down) / known);
      const partly = Math.min(1 - down, of(this.#partly) / known);
      const unconfirmed = Math.min(1 - down - partly, of(this.#unconfirmed) / known);
      return { mean: of(this.#sum) / known, down, partly, unconfirmed, hasUnknown };
    });
  }
}

function addTo(sums: Float64Array, at: number, more: number): void {
  sums[at] = (sums[at] ?? 0) + more;
}

/** The columns of all samples and the incidents; `null` for a column of which nothing is known. */
export function columnsOfSteps(
  steps: readonly Step[],
  marks: readonly IncidentMark[],
  axis: Axis,
): (StatusColumn | null)[] {
  const sums = new Sums(axis);
  for (const { from, to, status } of steps) {
    sums.addStatus(from, to, status);
    const level = levelOf(status);
    if (level === null || isUp(level)) continue;
    if (isConfirmed(marks, from, to)) sums.addFallen(from, to, level);
    else sums.addUnconfirmed(from, to);
  }
  return sums.columns();
}

/**
 * The columns of more samples than can be drawn: the means of the parts, and the times of all incidents.
 * A part without an incident that was not wholly up had failed checks that were not confirmed, which take
 * what they cost.
 */
export function columnsOfParts(
  parts: readonly SpanPart[],
  marks: readonly IncidentMark[],
  axis: Axis,
): (StatusColumn | null)[] {
  const sums = new Sums(axis);
  for (const { from, to, uptime } of parts) sums.addStatus(from, to, uptime);
  const spans = apart(marks, axis.to);
  const densities = densitiesOf(parts, spans);
  for (const span of spans) {
    // Those that were joined into one were up in between.
    if (span.count === 1) sums.addFallen(span.from, span.to, span.level);
    else {
      eachOverlap(parts, span, (at, from, to) =>
        sums.addFallen(from, to, span.level, densities[at] ?? 1),
      );
    }
  }
  const fallen = new Set<number>();
  for (const span of spans) eachOverlap(parts, span, (at) => fallen.add(at));
  parts.forEach(({ from, to, uptime, lowest }, at) => {
    const level = levelOf(lowest);
    if (uptime === null || level === null || isUp(level) || fallen.has(at)) return;
    sums.addUnconfirmed(from, to, 1 - uptime);
  });
  return sums.columns();
}

/** A time that was not up. */
interface FallenSpan {
  from: number;
  to: number;
  level: number;
  count: number;
}

/** The times of the incidents, none of which overlaps another one of its kind. */
function apart(marks: readonly IncidentMark[], end: number): FallenSpan[] {
  const ends = { down: -Infinity, partly: -Infinity };
  return marks.flatMap(({ from, until, level, count }) => {
    const kind = isOutage(level) ? "down" : "partly";
    const [begin, to] = [Math.max(from, ends[kind]), Math.min(until ?? end, end)];
    ends[kind] = Math.max(ends[kind], to);
    return to > begin ? [{ from: begin, to, level, count }] : [];
  });
}

/** Calls `each` with the number of each part that a time lies in, and the time within the part. */
function eachOverlap(
  parts: readonly SpanPart[],
  { from, to }: Pick<FallenSpan, "from" | "to">,
  each: (at: number, from: number, to: number) => void,
): void {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.to ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  for (let part = parts[low]; part !== undefined && part.from < to; part = parts[(low += 1)]) {
    each(low, Math.max(from, part.from), Math.min(to, part.to));
  }
}

/** For each part, how much of the time of joined incidents was not up, as the part's mean says. */
function densitiesOf(parts: readonly SpanPart[], spans: readonly FallenSpan[]): number[] {
  const lost = parts.map(({ from, to, uptime }) => (1 - (uptime ?? 1)) * (to - from));
  const joined = parts.map(() => 0);
  for (const span of spans) {
    eachOverlap(parts, span, (at, from, to) => {
      if (span.count > 1) joined[at] = (joined[at] ?? 0) + (to - from);
      else lost[at] = (lost[at] ?? 0) - (to - from);
    });
  }
  return joined.map((time, at) =>
    time > 0 ? Math.min(1, Math.max(0, (lost[at] ?? 0) / time)) : 1,
  );
}
