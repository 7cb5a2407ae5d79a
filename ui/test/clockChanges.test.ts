/** Days of 23 and of 25 hours, by the clocks of Berlin. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { daysOf } from "../src/state/incidentDays";
import { yearOf } from "../src/state/longView";
import { zone } from "../src/state/zone.svelte";
import type { PastIncident } from "../src/wire/wire";
import { UNTOLD } from "./rows";

const before = process.env.TZ;
beforeAll(() => {
  process.env.TZ = "Europe/Berlin";
});
afterAll(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

const utc = (date: string): number => Date.parse(date) / 1000;

describe("the year of days", () => {
  const NOW = "2026-11-22T12:00:00Z";

  it("has each day once, and each with its own hours", () => {
    const squares = yearOf([], utc(NOW));
    expect(new Set(squares.map(({ date }) => date)).size).toBe(365);
    const long = squares.filter(({ from, to }) => to - from !== 86_400);
    expect(long.map(({ date, from, to }) => [date, (to - from) / 3_600])).toEqual([
      ["2026-03-29", 23],
      ["2026-10-25", 25],
    ]);
    squares.slice(1).forEach(({ from }, at) => expect(from).toBe(squares[at]?.to));
  });

  it.each([
    ["2026-03-28T23:00:00Z", "2026-03-29"],
    ["2026-03-29T22:00:00Z", "2026-03-30"],
    ["2026-10-24T22:00:00Z", "2026-10-25"],
    ["2026-10-25T23:00:00Z", "2026-10-26"],
  ])("shows the day that begins at %s as %s", (from, date) => {
    const squares = yearOf([{ from: utc(from), uptime: 0.5, known: 82_800 }], utc(NOW));
    const some = squares.filter(({ uptime }) => uptime !== null);
    expect(some.map((square) => [square.date, square.from])).toEqual([[date, utc(from)]]);
  });
});

it.each([
  // Half past midnight after a day of 23 hours, and late on a day of 25.
  ["2026-03-29T22:30:00Z", "2026-03-29T10:00:00Z", "Yesterday"],
  ["2026-03-29T22:30:00Z", "2026-03-28T10:00:00Z", "2026-03-28"],
  ["2026-10-25T22:30:00Z", "2026-10-25T00:30:00Z", "Today"],
  ["2026-10-25T22:30:00Z", "2026-10-24T10:00:00Z", "Yesterday"],
])("at %s, an incident of %s stands under %s", (now, from, heading) => {
  const incident: PastIncident = {
    path: "/R/a",
    from: utc(from),
    until: utc(from) + 60,
    level: 0,
    cause: null,
    ...UNTOLD,
  };
  expect(daysOf([[incident]], utc(now)).map(({ heading }) => heading)).toEqual([heading]);
});

it("finds midnight where the clocks changed", () => {
  expect(zone.midnight(2026, 2, 29)).toBe(utc("2026-03-28T23:00:00Z"));
  expect(zone.midnight(2026, 2, 30)).toBe(utc("2026-03-29T22:00:00Z"));
  expect(zone.midnight(2026, 9, 26)).toBe(utc("2026-10-25T23:00:00Z"));
});
