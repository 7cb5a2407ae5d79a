import { flushSync } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { dateBack } from "../src/state/beatDate";
import { fallenBeatAt, newestFallenBeat, PITCH } from "../src/state/beats";
import { isAt, targetAt } from "../src/state/incidents";
import { fallenAt } from "../src/state/parts";
import type { PastIncident } from "../src/wire/wire";
import { row, rowsOf, treeOf, UNTOLD } from "./rows";
import { all, EMPTY_HISTORY, EMPTY_LONG_VIEW, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const NOW = Date.now() / 1000;
const incident = (path: string, from: number, until: number | null): PastIncident => ({
  path,
  from,
  until,
  level: 0,
  cause: { code: "timeout", text: "no whole answer within 10 s" },
  ...UNTOLD,
});

describe("the beat under the pointer", () => {
  const beats = [4, 0, null, 2, 4];
  it.each<[number, number | null]>([
    [10 - 1, null],
    [10 - 2, 1],
    [10 - 3, null],
    [10 - 4, 3],
    [10 - 5, null],
    [10 - 6, null],
    [10, null],
  ])("at place %s of 10 is %s beats back", (place, back) => {
    expect(fallenBeatAt(beats, 10, place * PITCH + 1)).toBe(back);
  });

  it("is the newest below up for the keyboard", () => {
    expect(newestFallenBeat(beats)).toBe(1);
    expect(newestFallenBeat([4, null])).toBeNull();
  });

  it.each<[string, number, number, number | null]>([
    ["the newest", 30, 0, 30],
    ["two back", 30, 2, 10],
    ["one back, while the newest is not stored yet", 40, 1, 30],
    ["further back than is known", 30, 3, null],
  ])("has the date of its sample: %s", (_, newest, back, date) => {
    expect(dateBack([10, 20, 30], newest, back)).toBe(date);
  });
});

it.each<[number, number | null, boolean]>([
  [90, 110, true],
  [90, null, true],
  [90, 95, false],
  [130, null, false],
  [120.5, null, true],
])("an incident from %s to %s was at 100 to 120: %s", (from, until, expected) => {
  expect(isAt(incident("/Root/A", from, until), { from: 100, to: 120 })).toBe(expected);
});

it("the list reaches half a day to either side, but not into the future", () => {
  const at = { from: 100_000, to: 100_060 };
  expect(targetAt("/A", at, 200_000).span).toEqual({ from: 56_800, to: 143_260 });
  expect(targetAt("/A", at, 100_100).span).toEqual({ from: 56_800, to: 100_100 });
});

describe("a click on a chart", () => {
  const view = {
    ...EMPTY_HISTORY,
    to: 1_000,
    dates: [100, 200, 300, 400],
    statuses: [1, 0, null, 1],
    marks: [{ from: 600, until: 700, level: 0, cause: null, count: 1 }],
  };
  it.each<[number, number, number | null]>([
    [650, 0, 600],
    [595, 10, 600],
    [595, 0, null],
    [205, 0, 200],
    [300, 0, null],
    [100, 0, null],
  ])("at %s, give or take %s, means what fell at %s", (date, slack, from) => {
    expect(fallenAt(view, date, slack)?.from ?? null).toBe(from);
  });
});

describe("the list", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
  });
  const INCIDENTS = [
    incident("/Root/A", NOW - 600, null),
    incident("/Root/A", NOW - 40_000, NOW - 39_000),
    incident("/Root/A", NOW - 60_000, NOW - 59_000),
  ];

  async function open(): Promise<Shown> {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
    const value = { incidents: INCIDENTS, more: 0, next: null, searched: null, fallbacks: [] };
    wire.answers.set("incidents", { answer: "incidents", value });
    shown = await show(wire);
    return shown;
  }
  const marked = (): string[] =>
    all('.list [aria-current="true"]').map(({ textContent }) => textContent);

  it("opens at the incident of a notification, which has the mark and the focus", async () => {
    const { wire, panel } = await open();
    const at = NOW - 40_000;
    wire.emit({ event: "incidents", value: { path: "/Root/A", from: at, to: at } });
    await settle();
    expect(panel.tree.selected).toBe("/Root/A");
    expect(marked()).toHaveLength(1);
    expect(document.activeElement?.getAttribute("aria-current")).toBe("true");
    expect(one('.list [role="status"]').textContent).toContain("3 incidents, 1 at that time");
    const asked = wire.asked.filter(({ ask }) => ask === "incidents").at(-1);
    expect(asked).toMatchObject({ path: "/Root/A", from: at - 43_200 });
    await press("Escape");
    expect(document.querySelector('[role="tree"]')).not.toBeNull();
  });

  it("says that none of them was then", async () => {
    const { wire } = await open();
    const at = NOW - 50_000;
    wire.emit({ event: "incidents", value: { path: "/Root/A", from: at, to: at } });
    await settle();
    expect(marked()).toEqual([]);
    expect(one(".list").textContent).toContain("none of them at that time");
  });

  it("waits for an incident of just now that is not stored yet", async () => {
    const { wire } = await open();
    vi.useFakeTimers();
    const none = {
      incidents: INCIDENTS.slice(1),
      more: 0,
      next: null,
      searched: null,
      fallbacks: [],
    };
    wire.answers.set("incidents", { answer: "incidents", value: none });
    wire.emit({ event: "incidents", value: { path: "/Root/A", from: NOW - 2, to: NOW - 1 } });
    await vi.advanceTimersByTimeAsync(100);
    expect(document.activeElement?.tagName, "no other one gets the focus").toBe("SECTION");
    const value = { ...none, incidents: [incident("/Root/A", NOW - 2, null)] };
    wire.answers.set("incidents", { answer: "incidents", value });
    await vi.advanceTimersByTimeAsync(2_100);
    flushSync();
    vi.useRealTimers();
    expect(document.activeElement?.getAttribute("aria-current")).toBe("true");
  });

  it("lists another span when one is chosen", async () => {
    const { wire } = await open();
    wire.emit({ event: "incidents", value: { path: "/Root/A", from: NOW - 900, to: NOW } });
    await settle();
    expect(all('.bar [aria-checked="true"]')).toHaveLength(0);
    all('.bar [role="radio"]')[0]?.click();
    await settle();
    const asked = wire.asked.filter(({ ask }) => ask === "incidents").at(-1);
    expect(asked?.ask === "incidents" ? Math.round(asked.to - asked.from) : 0).toBe(86_400);
  });

  it("opens by Ctrl+I at the newest beat that is not up", async () => {
    const { wire, panel } = await open();
    const beats = [4, 0, 0, 4];
    const value = { ...EMPTY_HISTORY, dates: [NOW - 50_000, NOW - 39_990, NOW - 39_980, NOW - 10] };
    wire.answers.set("history", { answer: "history", value });
    await panel.showBeat(row({ id: 1, name: "A", path: "/Root/A", date: NOW - 10, beats }), 1);
    await settle();
    expect(marked()).toHaveLength(1);
    await press("Escape");
    one('[data-path="/Root/A"]').dispatchEvent(
      new KeyboardEvent("keydown", { key: "i", ctrlKey: true, bubbles: true }),
    );
    await settle();
    expect(document.querySelector('section[aria-label="Incidents of A"]')).not.toBeNull();
  });

  it("opens from a day of the year that was not wholly up, and only from such a one", async () => {
    const { wire, panel } = await open();
    const midnight = new Date().setHours(0, 0, 0, 0) / 1000;
    const days = [{ from: midnight, uptime: 0.9, known: 60 }];
    wire.answers.set("long_view", {
      answer: "long_view",
      value: { ...EMPTY_LONG_VIEW, to: NOW, days },
    });
    panel.show("/Root/A");
    await settle();
    one(".days").focus();
    await press("ArrowUp");
    await press("Enter");
    expect(panel.page, "nothing is known of that day").toBe("tree");
    one(".days").focus();
    await press("ArrowDown");
    await press("Enter");
    expect(panel.page).toBe("incidents");
    expect(panel.incidents).toMatchObject({
      below: "/Root/A",
      at: { from: midnight, to: midnight + 86_400 },
    });
  });
});
