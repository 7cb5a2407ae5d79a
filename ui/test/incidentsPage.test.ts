import { flushSync } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { clock, moment } from "../src/state/format";
import type { PastIncident, IncidentList } from "../src/wire/wire";
import { rowsOf, treeOf, UNTOLD } from "./rows";
import { all, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const NOW = Date.now() / 1000;
const cause = { code: "timeout", text: "no whole answer within 10 s" };
const INCIDENTS: PastIncident[] = [
  { path: "/Root/A", from: NOW - 600, until: null, level: 0, cause, ...UNTOLD },
  { path: "/Root/old", from: NOW - 900, until: NOW - 840, level: 2, cause: null, ...UNTOLD },
];

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
  localStorage.clear();
});

function choose(label: string): void {
  all(".bar button")
    .find(({ textContent }) => textContent === label)
    ?.click();
}

async function open(value: IncidentList, looked: number | null = null): Promise<StubWire> {
  const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
  wire.answers.set("incidents", { answer: "incidents", value });
  shown = await show(wire);
  if (looked !== null) localStorage.setItem("up.looked", JSON.stringify(looked));
  one('[aria-label="Incidents"]').click();
  await settle();
  return wire;
}

it("lists every incident of everything, what lasts first", async () => {
  await open({
    incidents: INCIDENTS,
    more: 12,
    next: NOW - 900,
    searched: null,
    fallbacks: ["MongoDB does not answer"],
  });
  expect(all(".list h3").map(({ textContent }) => textContent)[0]).toBe("Now");
  expect(all(".list .name").map(({ textContent }) => textContent)).toEqual(["A", "old"]);
  expect(all(".list .story").map(({ textContent }) => textContent)).toEqual([
    `${moment(NOW - 600, NOW)} – now`,
    `${clock(NOW - 900)} – ${moment(NOW - 840, NOW - 900)}`,
  ]);
  const text = one(".list").textContent;
  for (const part of [cause.text, "10 min", "half up", "1 min", "12 older", "does not answer"]) {
    expect(text).toContain(part);
  }
  expect(document.activeElement?.tagName, "the filter has the focus").toBe("INPUT");
});

it("says so when there was none", async () => {
  await open({ incidents: [], more: 0, next: null, searched: null, fallbacks: [] });
  expect(one('.list [role="status"]').textContent.trim()).toBe("Nothing was down in the last 7 d.");
});

it("asks for the span that is chosen, over every path", async () => {
  const wire = await open({ incidents: [], more: 0, next: null, searched: null, fallbacks: [] });
  choose("30 d");
  await settle();
  const asked = wire.asked.at(-1);
  expect(asked).toMatchObject({ ask: "incidents", path: null });
  expect(asked?.ask === "incidents" ? Math.round(asked.to - asked.from) : 0).toBe(2_592_000);
});

it("leads to the history at the time of the incident", async () => {
  const wire = await open({
    incidents: INCIDENTS,
    more: 0,
    next: null,
    searched: null,
    fallbacks: [],
  });
  one(".list button").click();
  await settle();
  expect(shown?.panel.tree.selected).toBe("/Root/A");
  const asked = wire.asked.filter(({ ask }) => ask === "history").at(-1);
  expect(asked).toMatchObject({ path: "/Root/A" });
  expect(asked?.ask === "history" ? asked.from - NOW : 0).toBeCloseTo(-1200, -1);
});

it("says that a source is gone rather than showing another", async () => {
  await open({ incidents: INCIDENTS, more: 0, next: null, searched: null, fallbacks: [] });
  all(".list button")[1]?.click();
  await settle();
  expect(one(".message").textContent).toContain("/Root/old is not in the configuration");
});

it("marks what is new since it was last looked at, and Escape leads back to the tree", async () => {
  await open(
    { incidents: INCIDENTS, more: 0, next: null, searched: null, fallbacks: [] },
    NOW - 700,
  );
  expect(all(".list .new")).toHaveLength(1);
  expect(one('.list [role="status"]').textContent).toContain("1 new since you last looked");
  await press("Escape");
  expect(document.querySelector('[role="tree"]')).not.toBeNull();
  expect(Number(localStorage.getItem("up.looked"))).toBeGreaterThan(NOW - 60);
});

describe("older incidents", () => {
  const old = (at: number): PastIncident => ({
    path: `/Root/${at}`,
    from: NOW - at,
    until: NOW - at + 60,
    level: 0,
    cause,
    ...UNTOLD,
  });
  const answer = (wire: StubWire, incidents: PastIncident[], next: number | null): void => {
    const value = { incidents, more: next === null ? 0 : 1, next, searched: null, fallbacks: [] };
    wire.answers.set("incidents", { answer: "incidents", value });
  };
  const button = (): HTMLElement => one(".older button");
  const listed = (): string[] => all(".list .name").map(({ textContent }) => textContent);

  it("are added by a button, which keeps the focus as long as there are more", async () => {
    const wire = await open({
      incidents: INCIDENTS,
      more: 2,
      next: NOW - 900,
      searched: null,
      fallbacks: [],
    });
    answer(wire, [old(1_000)], NOW - 1_000);
    button().focus();
    button().click();
    await settle();
    expect(wire.asked.at(-1)).toMatchObject({ ask: "incidents", before: NOW - 900 });
    expect(listed()).toEqual(["A", "old", "1000"]);
    expect(document.activeElement).toBe(button());
    answer(wire, [old(1_100)], null);
    button().click();
    flushSync();
    expect(one(".older").textContent).toContain("Reading");
    await settle();
    expect(listed()).toEqual(["A", "old", "1000", "1100"]);
    expect(document.querySelector(".older")).toBeNull();
    const added = document.activeElement;
    expect([added?.tagName, added?.querySelector(".name")?.textContent]).toEqual([
      "BUTTON",
      "1100",
    ]);
  });

  it("stay if they cannot be read, and another span begins anew", async () => {
    const wire = await open({
      incidents: INCIDENTS,
      more: 2,
      next: NOW - 900,
      searched: null,
      fallbacks: [],
    });
    wire.answers.set("incidents", { answer: "failed", value: "The disk is gone." });
    button().click();
    await settle();
    expect(listed()).toEqual(["A", "old"]);
    expect(one('[role="alert"]').textContent).toContain("The disk is gone.");
    answer(wire, [old(1_000)], NOW - 1_000);
    button().click();
    await settle();
    expect(listed()).toEqual(["A", "old", "1000"]);
    const before = wire.count("incidents");
    choose("1 y");
    await settle();
    expect(wire.count("incidents") - before, "one page").toBe(1);
    expect(wire.asked.at(-1)).toMatchObject({ ask: "incidents", before: null });
  });
});

describe("since the person last looked", () => {
  const looked = (): number => Number(localStorage.getItem("up.looked"));
  const turn = (hidden: boolean): void => {
    vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
    document.dispatchEvent(new Event("visibilitychange"));
    flushSync();
  };
  const value: IncidentList = {
    incidents: INCIDENTS,
    more: 0,
    next: null,
    searched: null,
    fallbacks: [],
  };
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each<[string, () => void]>([
    ["is hidden", () => turn(true)],
    ["is destroyed", () => window.dispatchEvent(new Event("pagehide"))],
  ])("is kept when the window %s", async (_, leave) => {
    await open(value, NOW - 700);
    localStorage.removeItem("up.looked");
    leave();
    expect(looked()).toBeGreaterThan(NOW - 60);
    expect(all(".list .new"), "this look goes on").toHaveLength(1);
  });

  it("is kept as soon as the list is shown", async () => {
    await open(value, NOW - 700);
    expect(looked()).toBeGreaterThan(NOW - 60);
  });

  it("what came while the window was hidden is new when it is shown again", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: (NOW - 870) * 1_000 });
    await open(value, NOW - 2_000);
    turn(true);
    vi.setSystemTime(NOW * 1_000);
    turn(false);
    await settle();
    // One began, the other ended.
    expect(all(".list .new")).toHaveLength(2);
    turn(true);
    vi.setSystemTime((NOW + 60) * 1_000);
    turn(false);
    expect(all(".list .new")).toHaveLength(0);
  });

  it("is a span, which is remembered, but for the first look", async () => {
    const wire = await open(value);
    expect(one(".bar").textContent).not.toContain("looked");
    shown?.end();
    const again = await open({ ...value, incidents: [] }, NOW - 700);
    const ofEverything = wire.asked.filter((it) => it.ask === "incidents" && it.path === null);
    expect(ofEverything).toHaveLength(1);
    choose("Since I last looked");
    await settle();
    const asked = again.asked.at(-1);
    expect(asked?.ask === "incidents" ? asked.from : 0).toBe(NOW - 700);
    const said = one('.list [role="status"]').textContent.trim();
    expect(said).toBe("Nothing was down since you last looked.");
    expect(localStorage.getItem("up.incidents")).toBe('"looked"');
  });

  it("is not changed by a look at a part", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
    wire.answers.set("incidents", { answer: "incidents", value });
    shown = await show(wire);
    localStorage.setItem("up.looked", "5");
    shown.panel.showIncidents({ below: "/Root/A", at: null, span: null });
    await settle();
    turn(true);
    expect(looked()).toBe(5);
  });
});

describe("the filter", () => {
  const type = async (text: string): Promise<void> => {
    const input = one(".bar input") as HTMLInputElement;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    await new Promise((resolve) => setTimeout(resolve, 250));
    await settle();
  };
  const value: IncidentList = {
    incidents: INCIDENTS,
    more: 0,
    next: null,
    searched: null,
    fallbacks: [],
  };
  const said = (): string => one('.list [role="status"]').textContent.trim();
  const rest = (): string => one(".older").textContent.replaceAll(/\s+/g, " ").trim();

  it("is answered by the store, once it is typed", async () => {
    const wire = await open(value);
    const before = wire.count("incidents");
    wire.answers.set("incidents", { answer: "incidents", value: { ...value, incidents: [] } });
    await type("Refused tag:db >5m");
    expect(wire.count("incidents") - before).toBe(1);
    expect(wire.asked.at(-1)).toMatchObject({
      ask: "incidents",
      before: null,
      search: { words: ["refused"], tags: ["db"], shortest: 300.001, longest: null },
    });
    expect(said()).toBe("No incident matches.");
    await type("");
    expect(wire.asked.at(-1)).toMatchObject({ ask: "incidents", search: null });
  });

  it("says back to when it was searched, and goes on", async () => {
    const searched = NOW - 32 * 86_400;
    const wire = await open(value);
    const found = { ...value, incidents: [], next: searched, searched };
    wire.answers.set("incidents", { answer: "incidents", value: found });
    await type("refused");
    expect(said()).toBe("No incident matches so far.");
    expect(rest()).toBe(`Searched back to ${moment(searched, NOW)}. Search older`);
    wire.answers.set("incidents", { answer: "incidents", value });
    one(".older button").click();
    await settle();
    expect(wire.asked.at(-1)).toMatchObject({ before: searched, search: { words: ["refused"] } });
    expect(all(".list .name")).toHaveLength(2);
    expect(document.querySelector(".older")).toBeNull();
  });

  it("tells what is known and not listed from what was not searched", async () => {
    const searched = NOW - 32 * 86_400;
    const wire = await open(value);
    const found = { ...value, more: 7, next: NOW - 900, searched };
    wire.answers.set("incidents", { answer: "incidents", value: found });
    await type("refused");
    expect(rest()).toBe(
      `7 older ones are not listed; searched back to ${moment(searched, NOW)}. Show older`,
    );
  });
});
