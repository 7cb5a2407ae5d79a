import { describe, expect, it } from "vitest";

import { lengthOf, outcomeOf, placeOf, spanAround, timesOf } from "../src/state/incidents";
import { daysOf } from "../src/state/incidentDays";
import { entriesOf } from "../src/state/incidentSeries";
import { searchOf } from "../src/state/incidentSearch";
import { clock } from "../src/state/format";
import type { PastIncident, WantedIncidents } from "../src/wire/wire";
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

describe("what the filter asks for", () => {
  const none = { words: [], tags: [], levels: [], shortest: null, longest: null };
  it.each<[string, Partial<WantedIncidents> | null]>([
    ["", null],
    ["  ", null],
    ["Answer 10", { words: ["answer", "10"] }],
    ["tag:DB shop", { tags: ["db"], words: ["shop"] }],
    // Until a tag is typed, it is a word.
    ["tag:", { words: ["tag:"] }],
    ["is:down", { levels: [0, 1] }],
    ["is:degraded a", { levels: [2, 3], words: ["a"] }],
    [">=30s", { shortest: 30 }],
    [">5m", { shortest: 300.001 }],
    ["<1min", { longest: 59.999 }],
    ["> 1.5 h  <=1d", { shortest: 5_400.001, longest: 86_400 }],
    [">1h >=2h <1d <=2h", { shortest: 7_200, longest: 7_200 }],
    ["<=2d r/la", { longest: 172_800, words: ["r/la"] }],
    // Until a unit is typed, nothing is asked for.
    [">", null],
    ["> 5", null],
    [">5weeks", { words: [">5weeks"] }],
    ["<b>", { words: ["<b>"] }],
  ])("“%s” asks for %j", (text, wanted) =>
    expect(searchOf(text)).toEqual(wanted === null ? null : { ...none, ...wanted }),
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
  expect(timesOf(incident("/R/a", NOON + from, end), NOON, true)).toBe(said);
});

it("tells the day where no heading does", () => {
  const old = incident("/R/a", NOON - DAY, NOON - DAY + 60);
  expect(timesOf(old, NOON, false)).toBe(`2026-11-21 ${clock(NOON)} – ${clock(NOON + 60)}`);
});

it("puts what lasts first, then the days", () => {
  const days = daysOf(
    entriesOf([
      incident("/R/a", NOON - 60, null),
      incident("/R/b", NOON - 100, NOON - 90),
      incident("/R/c", NOON - DAY, NOON - DAY + 5),
      incident("/R/d", NOON - 3 * DAY, null),
      incident("/R/e", NOON - 3 * DAY, NOON),
    ]),
    NOON,
  );
  const said = days.map(
    ({ heading, entries }) => `${heading}: ${entries.map(([{ path }]) => path).join(" ")}`,
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
});
