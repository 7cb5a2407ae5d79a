import { afterEach, describe, expect, it } from "vitest";

import { clock } from "../src/state/format";
import { daysOf } from "../src/state/incidentDays";
import { entriesOf, summaryOf, timesOfSeries } from "../src/state/incidentSeries";
import type { IncidentEntry } from "../src/state/incidentSeries";
import { UnfoldedSeries } from "../src/state/unfoldedSeries.svelte";
import type { IncidentList, PastIncident } from "../src/wire/wire";
import { rowsOf, treeOf, UNTOLD } from "./rows";
import { all, EMPTY_HISTORY, one, press, resize, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const HOUR = 3_600;
/** Noon of the day of the tests, in the zone of the tests. */
const NOON = new Date(2026, 10, 22, 12).getTime() / 1000;

function incident(
  from: number,
  until: number | null,
  more: Partial<PastIncident> = {},
): PastIncident {
  const cause = { code: "timeout", text: "no answer" };
  return { path: "/R/a", from, until, level: 0, cause, ...UNTOLD, ...more };
}

/** So many incidents, newest first, each so long and so long after the former ended. */
function flaps(number: number, length: number, pause: number, first = NOON): PastIncident[] {
  return Array.from({ length: number }, (_, at) => {
    const from = first + at * (length + pause);
    return incident(from, from + length);
  }).reverse();
}

const sizesOf = (incidents: readonly PastIncident[]): number[] =>
  entriesOf(incidents).map(({ length }) => length);

describe("a series", () => {
  it.each<[string, PastIncident[], number[]]>([
    ["of none", [], []],
    ["is at least four", flaps(4, 15, 10), [4]],
    ["is not three", flaps(3, 15, 10), [1, 1, 1]],
    ["has pauses of at most ten minutes", flaps(4, 15, 600), [4]],
    ["has no longer pauses after short incidents", flaps(4, 15, 601), [1, 1, 1, 1]],
    ["may pause as long as its incidents last", flaps(4, HOUR, HOUR), [4]],
    ["may not pause longer than an hour", flaps(4, 12 * HOUR, HOUR + 1), [1, 1, 1, 1]],
    [
      "is measured by the shorter of two incidents",
      [incident(NOON + 5_000, NOON + 9_000), ...flaps(3, 15, 600)],
      [1, 1, 1, 1],
    ],
    ["may last", [incident(NOON + 100, null), ...flaps(3, 15, 10)], [4]],
    ["ends at a longer pause", [...flaps(5, 15, 10, NOON + HOUR), ...flaps(4, 15, 10)], [5, 4]],
    [
      "has one path",
      flaps(4, 15, 10).map((one, at) => ({ ...one, path: `/R/${at % 2}` })),
      [1, 1, 1, 1],
    ],
  ])("%s", (_, incidents, sizes) => expect(sizesOf(incidents)).toEqual(sizes));

  it("stands where its newest incident stood, and leaves out none", () => {
    const other = incident(NOON + 40, NOON + 45, { path: "/R/b" });
    const late = incident(NOON + 900, null, { path: "/R/c" });
    const flapping = flaps(4, 15, 10);
    const entries = entriesOf([late, ...flapping.slice(0, 1), other, ...flapping.slice(1)]);
    expect(entries.map((entry) => `${entry[0].path} ${entry.length}`)).toEqual([
      "/R/c 1",
      "/R/a 4",
      "/R/b 1",
    ]);
  });

  it("grows when a page of older ones is added", () => {
    const whole = flaps(7, 15, 10);
    expect(sizesOf(whole.slice(0, 3))).toEqual([1, 1, 1]);
    expect(sizesOf(whole.slice(0, 5))).toEqual([5]);
    expect(sizesOf(whole)).toEqual([7]);
  });

  it("stands under the day of its newest incident, and under Now while that lasts", () => {
    const midnight = NOON - 12 * HOUR;
    const across = flaps(6, 15, 10, midnight - 60);
    const lasting = [incident(NOON + 100, null), ...flaps(3, 15, 10)];
    const headings = (incidents: readonly PastIncident[]): string[] =>
      daysOf(entriesOf(incidents), NOON + 200).map(({ heading }) => heading);
    expect(headings(across)).toEqual(["Today"]);
    expect(headings([...lasting, ...across])).toEqual(["Now", "Today"]);
  });
});

describe("what a series tells", () => {
  const entry = (incidents: PastIncident[]): IncidentEntry => {
    const [found] = entriesOf(incidents);
    if (found === undefined) throw new Error("there is an entry");
    return found;
  };
  it("is how often, for how long in all, from when to when, and why", () => {
    const refused = { code: "refused", text: "refused" };
    const found = entry(
      flaps(5, 15, 10).map((one, at) => (at === 1 ? { ...one, cause: refused } : one)),
    );
    expect(summaryOf(found, NOON + 500)).toEqual({
      path: "/R/a",
      from: NOON,
      until: NOON + 115,
      level: 0,
      times: "5 times down",
      total: 75,
      longest: 15,
      cause: { code: "timeout", text: "no answer" },
      others: " (and 1 other cause)",
    });
    expect(timesOfSeries(found, NOON + 500, true)).toBe(`${clock(NOON)} – ${clock(NOON + 115)}`);
  });

  it("is the worst of them, and the first cause that is known", () => {
    const found = entry(
      flaps(4, 15, 10).map((one, at) => (at === 0 ? { ...one, level: 2, cause: null } : one)),
    );
    expect(summaryOf(found, NOON)).toMatchObject({
      level: 0,
      times: "4 times, at worst down",
      cause: { text: "no answer" },
      others: "",
    });
  });

  it("is that it lasts, and since when", () => {
    const found = entry([incident(NOON + 100, null), ...flaps(3, 15, 10)]);
    expect(summaryOf(found, NOON + 160)).toMatchObject({ until: null, total: 105, longest: 60 });
    expect(timesOfSeries(found, NOON + 160, true)).toBe(
      `${clock(NOON)} – now, this time for 1 min`,
    );
  });

  it("is the day on which it began, where no heading has it", () => {
    const midnight = NOON - 12 * HOUR;
    const found = entry(flaps(4, 15, 10, midnight - 30));
    const [begun, ended] = [`2026-11-21 ${clock(midnight - 30)}`, clock(midnight + 60)];
    expect(timesOfSeries(found, NOON, true)).toBe(`${begun} – 00:01:00`);
    expect(timesOfSeries(found, NOON, false)).toBe(`${begun} – 2026-11-22 ${ended}`);
  });
});

it("a series keeps its name while it grows at both ends, and no two have the same", () => {
  const series = new UnfoldedSeries();
  const newestFirst = flaps(9, 15, 10);
  const named = (from: number, to: number): string => {
    const [entry] = entriesOf(newestFirst.slice(from, to));
    if (entry === undefined) throw new Error("there is an entry");
    return series.nameOf(entry);
  };
  const name = named(2, 6);
  expect([named(0, 6), named(2, 9), named(0, 9)]).toEqual([name, name, name]);
  // A filter may part what was one series.
  const parts = [...newestFirst.slice(0, 4), ...flaps(4, 15, 10, NOON - HOUR)];
  expect(new Set(entriesOf(parts).map((entry) => series.nameOf(entry))).size).toBe(2);
});

describe("in the panel", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
    localStorage.clear();
    resize(1024);
  });

  const NOW = Date.now() / 1000;
  const TIMES = Array.from({ length: 6 }, (_, at) => NOW - 300 - at * 30);
  const SERIES = TIMES.map((from) => incident(from, from + 15, { path: "/Root/A" }));
  const nameAt = (at: number): string => `/Root/A ${TIMES[at]}`;
  const OTHER = { ...incident(NOW - 320, NOW - 310), path: "/Root/B" };
  const list = (incidents: PastIncident[], next: number | null = null): IncidentList => ({
    incidents,
    more: next === null ? 0 : 1,
    next,
    searched: null,
    fallbacks: [],
  });
  const answer = (wire: StubWire, value: IncidentList): void =>
    void wire.answers.set("incidents", { answer: "incidents", value });
  const folded = (): HTMLElement => one(".side [aria-expanded][data-entry]");
  const lines = (): string[] => all(".side .list .name").map(({ textContent }) => textContent);

  async function open(value: IncidentList): Promise<StubWire> {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
    answer(wire, value);
    shown = await show(wire);
    one('[aria-label="Incidents"]').click();
    await settle();
    return wire;
  }

  it("it is one line, which a press unfolds, and each incident leads to its history", async () => {
    const wire = await open(list([...SERIES.slice(0, 1), OTHER, ...SERIES.slice(1)]));
    expect(lines()).toEqual(["A", "B"]);
    expect(folded().textContent).toContain("6 times down");
    expect(folded().textContent).toContain("1 min 30 s in all");
    expect(one('.side .list [role="status"]').textContent).toContain("7 incidents");
    folded().focus();
    folded().click();
    await settle();
    expect(folded().getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement).toBe(folded());
    expect(lines()).toEqual(["A", "A", "A", "A", "A", "A", "A", "B"]);
    const single = all('[aria-label="Single incidents of A"] button')[2];
    single?.click();
    await settle();
    const asked = wire.asked.filter(({ ask }) => ask === "history").at(-1);
    expect(asked?.ask === "history" ? Math.round(asked.from - NOW) : 0).toBe(-660);
    folded().click();
    await settle();
    expect(lines()).toEqual(["A", "B"]);
  });

  it("it grows and stays unfolded when older ones are added, and the focus goes to them", async () => {
    const wire = await open(list(SERIES.slice(0, 4), NOW - 390));
    folded().click();
    answer(wire, list(SERIES.slice(4)));
    one(".older button").focus();
    one(".older button").click();
    await settle();
    expect(folded().textContent).toContain("6 times down");
    expect(lines()).toHaveLength(7);
    expect(document.activeElement?.getAttribute("data-entry")).toBe(nameAt(4));
  });

  it("the focus goes to a folded series that took its incident in", async () => {
    const wire = await open(list(SERIES.slice(2, 5), NOW - 450));
    all(".side .list button")[2]?.focus();
    expect(document.activeElement?.getAttribute("data-entry")).toBe(nameAt(4));
    answer(wire, list(SERIES.slice(5), NOW - 451));
    one(".older button").click();
    await settle();
    expect(lines()).toEqual(["A"]);
    expect(document.activeElement).toBe(folded());
  });

  it("it is unfolded for a person who came for one of its incidents, and marked for all", async () => {
    const wire = await open(list(SERIES));
    const meant = (from: number, to: number): Promise<void> => {
      wire.emit({ event: "incidents", value: { path: "/Root/A", from, to } });
      return settle();
    };
    await meant(NOW - 330, NOW - 320);
    expect(folded().getAttribute("aria-expanded")).toBe("true");
    expect(all('.side [aria-current="true"]')).toHaveLength(1);
    expect(document.activeElement?.getAttribute("aria-current")).toBe("true");
    await press("Escape");
    await meant(NOW - 900, NOW);
    expect(folded().getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(folded());
    expect(folded().getAttribute("aria-current")).toBe("true");
  });

  it("one that lasts stands under Now and says so", async () => {
    await open(list(SERIES.map((one, at) => (at === 0 ? { ...one, until: null } : one))));
    expect(all(".side .list h3").map(({ textContent }) => textContent)).toEqual(["Now"]);
    expect(folded().textContent).toMatch(/ – now, this time for 5 min/);
  });

  it("a file has the single incidents", async () => {
    const wire = await open(list(SERIES));
    all(".side .save button")
      .find(({ textContent }) => textContent.includes("CSV"))
      ?.click();
    await settle();
    const [saved] = wire.asked.flatMap((one) => (one.ask === "save_shown" ? [one.text] : []));
    expect(saved?.trim().split("\n")).toHaveLength(7);
  });

  it("it is one row of the table of its source, and one line of the list below a tree", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
    answer(wire, list([...SERIES, OTHER]));
    const counts = { down: 6, degraded: 0, longest: 15 };
    const value = { ...EMPTY_HISTORY, to: NOW, dates: [NOW], statuses: [1], durations: [1] };
    wire.answers.set("history", {
      answer: "history",
      value: { ...value, incidents: SERIES, counts },
    });
    shown = await show(wire);
    const rows = (): number => all(".details table:has(caption) tbody tr").length;
    shown.panel.show("/Root/A");
    await settle();
    const fold = one(".details td [aria-expanded]");
    expect([rows(), fold.textContent.trim()]).toEqual([1, "6 times down"]);
    fold.click();
    await settle();
    expect(rows()).toBe(7);
    shown.panel.show("/Root");
    await settle();
    const below = all('[aria-label="Incidents below Root"] .name');
    expect(below.map(({ textContent }) => textContent)).toEqual(["A", "B"]);
    expect(all('[aria-label="Incidents below Root"] .plain')).toHaveLength(0);
  });
});
