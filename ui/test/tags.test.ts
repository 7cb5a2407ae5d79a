import { afterEach, expect, it } from "vitest";

import { menuOf } from "../src/state/rowActions";
import { hasWord } from "../src/state/tags";
import { layOut } from "../src/state/tree";
import { row, rowsOf, treeOf } from "./rows";
import { one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

it.each<[string, boolean]>([
  ["tag:db", true],
  ["tag:prod-1", true],
  ["tag:d", false],
  ["tag:", false],
  ["router", true],
  ["db", false],
])("the word %s is there: %s", (word, expected) => {
  expect(hasWord(word, "/office/router", ["DB", "prod-1"])).toBe(expected);
});

const ROWS = rowsOf("Root\n  Shop\n    Orders\n  Dbase").map((made) =>
  made.name === "Orders" ? { ...made, tags: ["db", "berlin"] } : made,
);
const seen = (text: string): string[] =>
  layOut(ROWS, new Set(), { text, notUp: false }).map(({ row }) => row.name);

it("the filter finds tags as words, and alone", () => {
  expect(seen("db")).toEqual(["Root", "Shop", "Orders", "Dbase"]);
  expect(seen("tag:DB")).toEqual(["Root", "Shop", "Orders"]);
  expect(seen("berlin")).toEqual(["Root", "Shop", "Orders"]);
  expect(seen("tag:berlin dbase")).toEqual([]);
});

it("the details show the tags", async () => {
  shown = await show(new StubWire(treeOf(ROWS)));
  shown.panel.show("/Root/Shop/Orders");
  await settle();
  expect(one(".details").textContent).toContain("db, berlin");
});

it("the menu opens a program by its name, and the address of a row without one", () => {
  const label = (program: string | null): string | undefined =>
    menuOf([row({ id: 0, name: "A" })], ["https://h/"], program)
      .flatMap(({ items }) => items)
      .find(({ action }) => action.do === "open")?.label;
  expect(label(null)).toBe("Open the address");
  expect(label("/usr/bin/virt-viewer")).toBe("Open with virt-viewer");
});
