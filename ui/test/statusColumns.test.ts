import { describe, expect, it } from "vitest";

import { stepsOf } from "../src/state/history";
import type { Step } from "../src/state/history";
import { columnsOfParts, columnsOfSteps } from "../src/state/statusColumns";
import { legendOf } from "../src/state/statusLegend";
import type { IncidentMark, SpanPart } from "../src/wire/wire";

/** A sequence of numbers from 0 to 1 that is the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const SPAN = 6_000;
const STATUSES = [1, 1, 1, 0, 0.3, 0.5, 0.75, null];

/** Steps of whole seconds, with gaps between some of them. */
function stepsFrom(seed: number, longest: number): Step[] {
  const random = numbers(seed);
  const steps: Step[] = [];
  for (let at = 0; at < SPAN;) {
    const to = Math.min(SPAN, at + 1 + Math.floor(random.next().value * longest));
    const status = STATUSES[Math.floor(random.next().value * STATUSES.length)] ?? null;
    if (random.next().value < 0.9) steps.push({ from: at, to, status, samples: 1 });
    at = to;
  }
  return steps;
}

/** The status of each second; `undefined` where nothing is known. */
function eachSecond(steps: readonly Step[]): (number | null | undefined)[] {
  const all = Array.from({ length: SPAN }, (): number | null | undefined => undefined);
  for (const { from, to, status } of steps) all.fill(status, from, to);
  return all;
}

/** What a column comes to, second by second. */
function counted(all: readonly (number | null | undefined)[], from: number, to: number): unknown {
  const seconds = all.slice(from, to);
  const known = seconds.filter((status) => typeof status === "number");
  const hasUnknown = seconds.includes(null);
  if (known.length === 0) return hasUnknown ? [null, 0, 0, hasUnknown] : null;
  const share = (is: (status: number) => boolean): number => known.filter(is).length / known.length;
  return [
    known.reduce((sum, status) => sum + status, 0) / known.length,
    share((status) => status < 0.5),
    share((status) => status >= 0.5 && status < 1),
    hasUnknown,
  ];
}

/** The same with numbers that need not be exact. */
const near = (expected: unknown): unknown => {
  if (Array.isArray(expected)) return expected.map(near);
  return typeof expected === "number" ? (expect.closeTo(expected, 8) as unknown) : expected;
};

const mark = (from: number, until: number | null, level = 0, count = 1): IncidentMark => ({
  from,
  until,
  level,
  cause: null,
  count,
});

describe.each([3, 40, 900])("of steps of up to %d s", (longest) => {
  it.each([60, 600, 1_200])("%d columns are what each second says", (count) => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const steps = stepsFrom(seed, longest);
      const all = eachSecond(steps);
      const found = columnsOfSteps(steps, [mark(0, null)], { from: 0, to: SPAN, count }).map(
        (column) => column && [column.mean, column.down, column.partly, column.hasUnknown],
      );
      const wide = SPAN / count;
      const expected = found.map((_, at) => counted(all, at * wide, (at + 1) * wide));
      expect(found).toEqual(near(expected));
    }
  });
});

/** Parts of equal length that agree with the status of each second. */
function partsOf(all: readonly (number | null | undefined)[], length: number): SpanPart[] {
  const parts: SpanPart[] = [];
  for (let from = 0; from < SPAN; from += length) {
    const known = all.slice(from, from + length).filter((one) => typeof one === "number");
    const uptime = known.reduce((sum, one) => sum + one, 0) / known.length;
    const ends = { lowest: Math.min(...known), highest: Math.max(...known) };
    const none = { unknown: 0, p50: null, p95: null, p99: null, longest: null };
    parts.push({ from, to: from + length, uptime, ...ends, count: known.length, ...none });
  }
  return parts;
}

describe("of parts and incidents", () => {
  it.each([50, 300, 1_000, 6_000])("%d columns have the exact shares of incidents", (count) => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = numbers(seed);
      const marks: IncidentMark[] = [];
      const all = Array.from({ length: SPAN }, (): number => 1);
      for (let at = 0; at < SPAN;) {
        const from = at + 1 + Math.floor(random.next().value * 60);
        const until = Math.min(SPAN, from + 1 + Math.floor(random.next().value * 30));
        if (from >= SPAN) break;
        const level = Math.floor(random.next().value * 4);
        marks.push(mark(from, until === SPAN ? null : until, level));
        all.fill(level / 4, from, until);
        at = until;
      }
      const columns = columnsOfParts(partsOf(all, 15), marks, { from: 0, to: SPAN, count });
      const found = columns.map((column) => [column?.down, column?.partly]);
      const wide = SPAN / count;
      const expected = found.map((_, at) => {
        const [, down, partly] = counted(all, at * wide, (at + 1) * wide) as unknown[];
        return [down, partly];
      });
      expect(found).toEqual(near(expected));
    }
  });

  const axis = { from: 0, to: SPAN, count: 60 };
  const whole = Array.from({ length: SPAN }, (): number => 1);
  const downs = (all: readonly number[], marks: readonly IncidentMark[]): (number | undefined)[] =>
    columnsOfParts(partsOf(all, 300), marks, axis).map((column) => column?.down);

  it("incidents that the store joined into one are as much as their part lost", () => {
    // Down in every third second of five minutes, and an outage of a minute beside them.
    const all = whole
      .map((_, at) => (at >= 600 && at < 900 && at % 3 === 0 ? 0 : 1))
      .fill(0, 840, 900);
    const lost = all.slice(600, 840).filter((status) => status === 0).length / 240;
    const found = downs(all, [mark(600, 720, 0, 40), mark(720, 840, 0, 40), mark(840, 900)]);
    expect(found.slice(5, 9)).toEqual(near([0, lost, lost, lost * 0.4 + 0.6]));
  });

  it("failed checks that were not confirmed take what they cost, and are no outage", () => {
    const all = whole.map((_, at) => (at === 450 ? 0 : 1));
    expect(downs(all, [])).toEqual(Array(60).fill(0));
    const columns = columnsOfParts(partsOf(all, 300), [], axis);
    const found = columns.map((column) => column?.unconfirmed).slice(2, 7);
    expect(found).toEqual(near([0, 1 / 300, 1 / 300, 1 / 300, 0]));
  });

  it("an incident that lasts over a time without samples is drawn where something is known", () => {
    const parts = partsOf(
      whole.map((_, at) => (at >= 600 ? 0 : 1)),
      300,
    );
    const known = parts.filter(({ from }) => from < 1_200 || from >= 3_000);
    const columns = columnsOfParts(known, [mark(600, null)], axis);
    expect(columns.map((column) => column?.down ?? null)).toEqual(
      axisValues((date) => (date < 600 ? 0 : date < 1_200 || date >= 3_000 ? 1 : null)),
    );
  });
  const axisValues = (of: (date: number) => number | null): (number | null)[] =>
    Array.from({ length: 60 }, (_, at) => of(at * 100));
});

it("a part of the span has the columns of that part", () => {
  const view = { dates: [0, 10, 20], statuses: [1, 0, 1], durations: [1, 1, 1], gap: 20, to: 30 };
  const columns = columnsOfSteps(stepsOf(view), [mark(10, 20)], { from: 5, to: 25, count: 4 });
  expect(columns.map((column) => column?.down)).toEqual([0, 1, 1, 0]);
});

describe("of samples", () => {
  const view = { dates: [0, 10, 20, 30], statuses: [1, 0, 0.5, 1], durations: [], gap: 20, to: 40 };
  it.each<[string, IncidentMark[], number[], number[]]>([
    ["no incident", [], [0, 0, 0, 0], [0, 1, 1, 0]],
    ["an incident of both", [mark(10, 30)], [0, 1, 0, 0], [0, 0, 0, 0]],
    ["an incident that lasts", [mark(20, null)], [0, 0, 0, 0], [0, 1, 0, 0]],
    ["an incident that the store ends late", [mark(10, 20.0004)], [0, 1, 0, 0], [0, 0, 1, 0]],
    ["dates that the store rounded", [mark(10.0004, 29.9996)], [0, 1, 0, 0], [0, 0, 0, 0]],
  ])("%s says which failed checks were not confirmed", (_, marks, down, unconfirmed) => {
    const columns = columnsOfSteps(stepsOf(view), marks, { from: 0, to: 40, count: 4 });
    expect(columns.map((column) => column?.down)).toEqual(down);
    expect(columns.map((column) => column?.unconfirmed)).toEqual(unconfirmed);
  });

  it("only the marks that occur are in the legend", () => {
    const texts = (marks: IncidentMark[]): string[] =>
      legendOf(columnsOfSteps(stepsOf(view), marks, { from: 0, to: 40, count: 4 })).map(
        ({ text }) => text,
      );
    expect(texts([])).toEqual(["failed check, not confirmed"]);
    expect(texts([mark(10, 30)])).toEqual(["outage", "partly up"]);
    expect(legendOf([null])).toEqual([]);
  });
});
