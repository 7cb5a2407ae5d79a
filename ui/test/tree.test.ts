import { describe, expect, it } from "vitest";

import {
  ancestorsOf,
  applyRows,
  initiallyClosed,
  layOut,
  neighbourOf,
  summaryOfHidden,
} from "../src/state/tree";
import type { Filter } from "../src/state/tree";
import type { Row } from "../src/wire/wire";
import { asPage, headerOf, row, rowsOf } from "./rows";

const ROWS = rowsOf(`
Root 0.5
  Shop 0.5
    Checkout 0
    Search
  Office
    Router
    Printer ?
  Later -
`);
const ALL: Filter = { text: "", notUp: false };

function seen(filter: Partial<Filter>, closed: string[] = []): string[] {
  return layOut(ROWS, new Set(closed), { ...ALL, ...filter }).map(({ row }) => row.name);
}

describe("what is seen", () => {
  it.each<[string, Partial<Filter>, string[], string[]]>([
    [
      "everything",
      {},
      [],
      ["Root", "Shop", "Checkout", "Search", "Office", "Router", "Printer", "Later"],
    ],
    [
      "closed trees hide what is below",
      {},
      ["/Root/Shop"],
      ["Root", "Shop", "Office", "Router", "Printer", "Later"],
    ],
    ["a closed root hides all", {}, ["/Root"], ["Root"]],
    ["a name, with the trees ancestorsOf", { text: "rout" }, [], ["Root", "Office", "Router"]],
    ["in any case", { text: "CHECK" }, [], ["Root", "Shop", "Checkout"]],
    [
      "a tree's name brings what is below",
      { text: "office" },
      [],
      ["Root", "Office", "Router", "Printer"],
    ],
    ["all words must be there", { text: "office rout" }, [], ["Root", "Office", "Router"]],
    [
      "a filter opens closed trees",
      { text: "check" },
      ["/Root", "/Root/Shop"],
      ["Root", "Shop", "Checkout"],
    ],
    [
      "only what is not up, waiting not among it",
      { notUp: true },
      [],
      ["Root", "Shop", "Checkout", "Office", "Printer"],
    ],
    ["both", { notUp: true, text: "print" }, [], ["Root", "Office", "Printer"]],
    ["nothing", { text: "no such" }, [], []],
  ])("%s", (_, filter, closed, expected) => expect(seen(filter, closed)).toEqual(expected));

  it("tells a screen reader its place among those that are seen", () => {
    const places = layOut(ROWS, new Set(["/Root/Office"]), ALL).map(
      ({ row, position, siblings, expanded }) => `${row.name} ${position}/${siblings} ${expanded}`,
    );
    expect(places).toEqual([
      "Root 1/1 true",
      "Shop 1/3 true",
      "Checkout 1/2 null",
      "Search 2/2 null",
      "Office 2/3 false",
      "Later 3/3 null",
    ]);
  });
});

describe("changed rows", () => {
  const header = headerOf(ROWS);
  const up = row({ id: 2, name: "Checkout", path: "/Root/Shop/Checkout" });

  it("take their places, and all others stay the same objects", () => {
    const fresh = applyRows(ROWS, 7, { shape: 7, rows: [up], header });
    expect(fresh?.[2]).toBe(up);
    expect(fresh?.filter((row, id) => row === ROWS[id])).toHaveLength(ROWS.length - 1);
  });
  it.each([
    ["another shape", 8, up],
    ["an id that is another path's", 7, { ...up, id: 3 }],
    ["an id that is none", 7, { ...up, id: 99 }],
  ])("do not fit: %s", (_, shape, changed) =>
    expect(applyRows(ROWS, 7, { shape, rows: [changed], header })).toBeNull(),
  );
});

it("starts with inner trees closed only when there are very many rows", () => {
  expect(initiallyClosed(ROWS).size).toBe(0);
  const leaves = Array.from({ length: 400 }, (_, at) => `    leaf ${at}x`).join("\n");
  expect([...initiallyClosed(rowsOf(`Root\n  Inner\n${leaves}`))]).toEqual(["/Root/Inner"]);
});

it("says what a closed tree hides", () => {
  const of = (id: number): string => summaryOfHidden(ROWS, ROWS[id] ?? row({ id, name: "none" }));
  expect([of(0), of(1), of(5)]).toEqual([
    "2 of 5 not up: Checkout, Printer",
    "1 of 2 not up: Checkout",
    "",
  ]);
});

describe("a page that cannot be read, with components that are unknown", () => {
  const text = "Root 0.5\n  Mail 0.5\n  Page 0\n    API ?\n    Web ?\n  Zoo";
  const rows = asPage(rowsOf(text), "/Root/Page");
  const drawn = (filter: Filter, worstFirst: boolean): string[] =>
    layOut(rows, new Set(), filter, worstFirst).map(({ row }) => row.name);

  it("is among those that are not up, and is the worst", () => {
    const byName = { text: "page", notUp: true };
    expect(drawn({ ...ALL, notUp: true }, true)).toEqual(["Root", "Page", "API", "Web", "Mail"]);
    expect(drawn(byName, false)).toEqual(["Root", "Page", "API", "Web"]);
  });

  it("is seen even if its components are not among those that are not up", () => {
    const up = rows.map((row) => (row.kind === "part" ? { ...row, level: 4 } : row));
    const lines = layOut(up, new Set(), { ...ALL, notUp: true });
    expect(lines.map(({ row }) => row.name)).toEqual(["Root", "Mail", "Page"]);
  });
});

it("says how many of the sources in a tree, or of the components of a page, are not up", () => {
  const rows = asPage(rowsOf("Root 0.5\n  Page 0\n    API 0\n    Web 0\n  Mail"), "/Root/Page");
  const of = (id: number): string => summaryOfHidden(rows, rows[id] ?? row({ id, name: "none" }));
  expect([of(0), of(1)]).toEqual(["1 of 2 not up: Page", "2 of 2 not up: API, Web"]);
});

it("knows the trees ancestorsOf a path", () => {
  expect(ancestorsOf("/Root/Shop/Checkout")).toEqual(["/Root", "/Root/Shop"]);
  expect(ancestorsOf("/Root")).toEqual([]);
});

describe("the worst first", () => {
  const check = (text: string, expected: string): void => {
    const lines = layOut(rowsOf(text), new Set(), ALL, true);
    expect(lines.map(({ row }) => row.name).join(" ")).toBe(expected);
  };

  it("sorts what is in each tree, which is as bad as its worst leaf", () => {
    check("R\n  a\n  b 0\n  c 0.5\n  d ?\n  e -", "R b c d a e");
    check("R\n  a\n  T\n    x\n    y 0\n  b 0.5", "R T y x b a");
    check("R\n  a 0\n  b 0\n  c 0", "R a b c");
    check("a", "a");
  });

  it("leaves out what is below a closed tree, and the places are right", () => {
    const rows = rowsOf("R\n  a\n  T\n    x 0\n    y\n  b");
    const lines = layOut(rows, new Set(["/R/T"]), ALL, true);
    expect(lines.map(({ row, position }) => `${row.name}${position}`)).toEqual([
      "R1",
      "T1",
      "a2",
      "b3",
    ]);
  });
});

describe("the filter", () => {
  it("reads causes, types, holds and controls", () => {
    const rows = rowsOf("R\n  a 0\n  b\n  c\n  d\n  e");
    const change = (id: number, more: Partial<Row>): void => {
      rows[id] = { ...(rows[id] ?? row({ id, name: "" })), ...more };
    };
    change(2, { kind: "snmp" });
    change(4, { hold: "paused", word: "PAUSED" });
    const given = { path: "/R/e", since: 0, until: 10, note: "ticket 17" };
    change(5, {
      standing: { paused: null, maintenance: null, snoozed: null, acknowledged: given },
    });
    const found = (text: string): string =>
      layOut(rows, new Set(), { text, notUp: false })
        .map(({ row }) => row.name)
        .join(" ");
    expect(found("refused")).toBe("R a");
    expect(found("snmp")).toBe("R b");
    expect(found("paused")).toBe("R d");
    expect(found("acknowledged ticket")).toBe("R e");
    expect(found("nothing of this")).toBe("");
  });
});

describe("a row that goes", () => {
  it("leaves its place to the next one, or to the one before it", () => {
    const rows = rowsOf("R\n  T\n    x\n    y\n  b");
    const check = (gone: string[], of: string, expected: string | null): void => {
      expect(neighbourOf(rows, of, (path) => !gone.includes(path))).toBe(expected);
    };
    check(["/R/T/x"], "/R/T/x", "/R/T/y");
    check(["/R/T/y"], "/R/T/y", "/R/T/x");
    check(["/R/T/x", "/R/T/y"], "/R/T/y", "/R/T");
    check(["/R/T", "/R/T/x", "/R/T/y"], "/R/T/x", "/R");
    check(["/R/T", "/R/T/x", "/R/T/y"], "/R/T", "/R/b");
    check([], "/elsewhere", null);
  });
});
