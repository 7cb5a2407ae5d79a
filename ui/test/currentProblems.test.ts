import { afterEach, describe, expect, it } from "vitest";

import { currentProblems } from "../src/state/currentProblems";
import type { EffectiveControls, Row } from "../src/wire/wire";
import { headerOf, row, rowsOf, treeOf } from "./rows";
import { all, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const NOTHING: EffectiveControls = {
  paused: null,
  maintenance: null,
  snoozed: null,
  acknowledged: null,
};
const given = { path: "/x", since: 1, until: null, note: null };

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

describe("the problems of now", () => {
  it("are the leaves that are down or degraded and not held, the unknown to people first", () => {
    const rows = [
      row({ id: 0, name: "tree", kind: "tree", level: 0, below: 11 }),
      row({ id: 1, name: "up" }),
      row({ id: 2, name: "half", level: 2 }),
      row({ id: 3, name: "old", level: 0, since: 10 }),
      row({ id: 4, name: "new", level: 0, since: 20 }),
      row({ id: 5, name: "odd", level: null }),
      row({ id: 6, name: "held", level: 0, hold: "unreachable" }),
      row({ id: 7, name: "acked", level: 0, standing: { ...NOTHING, acknowledged: given } }),
      row({ id: 8, name: "snoozed", level: 0, standing: { ...NOTHING, snoozed: given } }),
      row({ id: 9, name: "waits", level: null, waiting: true }),
      row({ id: 10, name: "page", kind: "statuspage", level: 0, since: 5, below: 1 }),
      row({ id: 11, name: "part", kind: "part", level: null }),
    ];
    expect(currentProblems(rows).map(({ row, known }) => [row.name, known])).toEqual([
      ["new", false],
      ["old", false],
      ["page", false],
      ["half", false],
      ["acked", true],
      ["snoozed", true],
    ]);
  });

  it("have a status page once, and a component of it only if the page is not among them", () => {
    const check = (page: number | null, expected: readonly string[]): void => {
      const rows = [
        row({ id: 0, name: "page", kind: "statuspage", level: page, below: 2 }),
        row({ id: 1, name: "down", kind: "component", level: 0 }),
        row({ id: 2, name: "fine", kind: "component" }),
        row({ id: 3, name: "other", level: 0 }),
      ];
      expect(currentProblems(rows).map(({ row }) => row.name)).toEqual(expected);
    };
    check(0, ["page", "other"]);
    check(2, ["other", "page"]);
    check(4, ["down", "other"]);
    check(null, ["down", "other"]);
  });

  it("have a source that flaps in one place, whatever its last check said, until it has settled", () => {
    const flapping = { since: 15, changes: 8, results: 21 };
    const listed = (more: Partial<Row>): string[] =>
      currentProblems([
        row({ id: 0, name: "old", level: 0, since: 10 }),
        row({ id: 1, name: "wild", flapping, ...more }),
        row({ id: 2, name: "wilder", level: 4, flapping: { ...flapping, since: 12 } }),
        row({ id: 3, name: "new", level: 0, since: 20 }),
        row({ id: 4, name: "half", level: 2, since: 30 }),
      ]).map(({ row }) => row.name);
    const expected = ["new", "old", "wild", "wilder", "half"];
    for (const level of [0, 2, 4, null]) expect(listed({ level, since: 99 })).toEqual(expected);
    expect(listed({ hold: "paused" })).not.toContain("wild");
    expect(listed({ flapping: null })).not.toContain("wild");
  });

  it("say of a source that flaps that it does, and since when", async () => {
    const since = Date.now() / 1000 - 600;
    const rows = rowsOf("Root 0.5\n  Mail\n  Web").map((row) =>
      row.name === "Mail" ? { ...row, flapping: { since, changes: 8, results: 21 } } : row,
    );
    shown = await show(new StubWire(treeOf(rows)));
    const item = one('[aria-label="Problems now"] li');
    expect(item.querySelector(".why")?.textContent).toBe("FLAPPING");
    expect(item.querySelector(".since")?.textContent).toBe("10 min");
  });

  it("stand above the tree with their cause, lead to it, and are gone with the last one", async () => {
    const rows = rowsOf("Root 0.5\n  Mail 0\n  Web");
    shown = await show(new StubWire(treeOf(rows)));
    const block = one('[aria-label="Problems now"]');
    expect(block.querySelector("h2")?.textContent.trim()).toBe("1 problem now");
    expect(block.querySelector("li")?.textContent).toContain("connection refused");
    block.querySelector<HTMLElement>("li button")?.click();
    await settle();
    expect(shown.panel.tree.selected).toBe("/Root/Mail");
    expect(shown.panel.open).toBe(true);
    const mended = rowsOf("Root\n  Mail\n  Web").slice(0, 2);
    const value = { shape: 1, rows: mended, header: headerOf(mended) };
    shown.wire.emit({ event: "rows", value });
    await settle();
    expect(all('[aria-label="Problems now"]')).toHaveLength(0);
  });

  it("can be folded, and stay so", async () => {
    const tree = treeOf(rowsOf("Root 0.5\n  Mail 0\n  Web"));
    shown = await show(new StubWire(tree));
    const head = one('[aria-label="Problems now"] .head');
    head.click();
    await settle();
    expect([
      head.getAttribute("aria-expanded"),
      all('[aria-label="Problems now"] li').length,
    ]).toEqual(["false", 0]);
    expect(localStorage.getItem("up.problems-folded")).toBe("true");
  });

  it("are few at first, then bounded, and the rest is in the tree", async () => {
    const leaves = Array.from({ length: 60 }, (_, at) => `  l${at}x 0`).join("\n");
    shown = await show(new StubWire(treeOf(rowsOf(`Root 0\n${leaves}`))));
    const items = (): HTMLElement[] => all('[aria-label="Problems now"] li');
    const lastWords = (): string | undefined => items().at(-1)?.textContent.trim();
    expect([items().length, lastWords()]).toEqual([4, "and 57 more"]);
    one('[aria-label="Problems now"] .rest').click();
    await settle();
    expect([items().length, lastWords()]).toEqual([51, "and 10 more: show all in the tree"]);
    // The button that showed the rest has gone, and the focus is at what it showed.
    expect(document.activeElement).toBe(items().at(3)?.querySelector("button"));
    one('[aria-label="Problems now"] .rest').click();
    await settle();
    expect(shown.panel.tree.notUp).toBe(true);
  });

  it("are all shown when one line would stand for only one more", async () => {
    shown = await show(new StubWire(treeOf(rowsOf("Root 0\n  a 0\n  b 0\n  c 0\n  d 0"))));
    expect(all('[aria-label="Problems now"] li')).toHaveLength(4);
    expect(all('[aria-label="Problems now"] .rest')).toHaveLength(0);
  });
});
