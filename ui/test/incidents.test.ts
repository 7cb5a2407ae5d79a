import { describe, expect, it } from "vitest";

import {
  groupsOf,
  lengthOf,
  matching,
  outcomeOf,
  placeOf,
  spanAround,
  timesOf,
} from "../src/state/incidents";
import { clock } from "../src/state/format";
import type { PastIncident } from "../src/wire/wire";
import { UNTOLD } from "./rows";

const NOON = new Date(2026, 10, 22, 12).getTime() / 1000;
const DAY = 86_400;

function incident(path: string, from: number, until: number | null, text = ""): PastIncident {
  const cause = text === "" ? null : { code: "timeout", text };
  return { path, from, until, level: 0, cause, ...UNTOLD };
}

it("lasts to the end of the span if it is not over", () => {
  expect(lengthOf(incident("/R/a", 10, 25), 100)).toBe(15);
  expect(lengthOf(incident("/R/a", 10, null), 100)).toBe(90);
  expect(lengthOf(incident("/R/a", 110, null), 100), "of another clock").toBe(0);
});

it.each<[number, number | null, number, number]>([
  [1_000, 1_060, 700, 1_360],
  [1_000, 2_000, 0, 3_000],
  [1_000, 9_000, -7_000, 10_000],
  [8_000, null, 6_000, 10_000],
  [11_000, null, 10_700, 11_001],
])("the time around %d to %s is %d to %d", (from, until, begin, end) =>
  expect(spanAround(incident("/R/a", from, until), 10_000)).toEqual({ from: begin, to: end }),
);

it.each([
  ["/Root", "Root", ""],
  ["/Root/web", "web", "Root"],
  ["/Root/shop/web", "web", "Root › shop"],
])("%s is %s in “%s”", (path, name, inside) => expect(placeOf(path)).toEqual({ name, inside }));

describe("the filter", () => {
  const all = [
    incident("/Root/Shop/web", 1, 2, "no answer within 10 s"),
    incident("/Root/office/printer", 3, 4),
  ];
  it.each<[string, string[]]>([
    ["", ["web", "printer"]],
    ["shop", ["web"]],
    ["ANSWER 10", ["web"]],
    ["timeout", ["web"]],
    ["shop printer", []],
  ])("by “%s” leaves %j", (text, names) =>
    expect(matching(all, text, NOON).map(({ path }) => placeOf(path).name)).toEqual(names),
  );
});

it.each<[number, number | null, string]>([
  [-600, -60, `${clock(NOON - 600)} – ${clock(NOON - 60)}`],
  [-DAY, 3_600 - DAY, `${clock(NOON)} – ${clock(NOON + 3_600)}`],
  [-3 * DAY, -DAY, `${clock(NOON)} – 2026-11-21 ${clock(NOON)}`],
  [-600, null, `${clock(NOON - 600)} – now`],
  [-3 * DAY, null, `2026-11-19 ${clock(NOON)} – now`],
])("from %d to %s before noon is said as %s", (from, until, said) => {
  const end = until === null ? null : NOON + until;
  expect(timesOf(incident("/R/a", NOON + from, end), NOON)).toBe(said);
});

describe("the filter by length", () => {
  const all = [
    incident("/R/short", NOON - 50, NOON - 20),
    incident("/R/long", NOON - 7_300, NOON),
    incident("/R/lasts", NOON - 2 * DAY, null),
  ];
  it.each<[string, string[]]>([
    [">5m", ["long", "lasts"]],
    ["<1min", ["short"]],
    [">=30s", ["short", "long", "lasts"]],
    [">30s", ["long", "lasts"]],
    ["> 1.5 h  <1d", ["long"]],
    [">2d", []],
    ["<=2d r/la", ["lasts"]],
    [">1H long", ["long"]],
    // Until a unit is typed, nothing is asked for.
    [">", ["short", "long", "lasts"]],
    ["> 5", ["short", "long", "lasts"]],
    [">5weeks", []],
    ["<b>", []],
  ])("“%s” leaves %j", (text, names) =>
    expect(matching(all, text, NOON).map(({ path }) => placeOf(path).name)).toEqual(names),
  );
});

it("puts what lasts first, then the days", () => {
  const groups = groupsOf(
    [
      incident("/R/a", NOON - 60, null),
      incident("/R/b", NOON - 100, NOON - 90),
      incident("/R/c", NOON - DAY, NOON - DAY + 5),
      incident("/R/d", NOON - 3 * DAY, null),
      incident("/R/e", NOON - 3 * DAY, NOON),
    ],
    NOON,
  );
  const said = groups.map(
    ({ heading, incidents }) => `${heading}: ${incidents.map(({ path }) => path).join(" ")}`,
  );
  expect(said).toEqual(["Now: /R/a /R/d", "Today: /R/b", "Yesterday: /R/c", "2026-11-19: /R/e"]);
});

describe("what became of an incident", () => {
  const at = { ...incident("/R/a", 1_000, 2_000), acknowledged: null };
  it("is nothing where nothing is kept", () => expect(outcomeOf(at)).toEqual([]));

  it("stands in the order of time", () => {
    const texts = outcomeOf({
      ...at,
      recovery: { date: 2_001, sinks: [] },
      acknowledged: { date: 1_100, by: "anna@desk", note: "the vendor knows" },
      told: { date: 1_010, sinks: ["webhook", "command"] },
    });
    expect(texts).toEqual([
      `told ${clock(1_010)} by webhook, command`,
      `acknowledged ${clock(1_100)} by anna@desk: the vendor knows`,
      `recovery told ${clock(2_001)}, which no sink has`,
    ]);
  });

  it("may not say who acknowledged", () => {
    const acknowledged = { date: 1_100, by: null, note: null };
    expect(outcomeOf({ ...at, acknowledged })).toEqual([`acknowledged ${clock(1_100)}`]);
  });

  it("is found by its remark", () => {
    const known = { ...at, acknowledged: { date: 1_100, by: null, note: "the Vendor knows" } };
    expect(matching([known, at], "vendor", NOON)).toEqual([known]);
  });
});
