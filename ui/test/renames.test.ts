import { afterEach, describe, expect, it } from "vitest";

import { renamesOf } from "../src/state/renames";
import type { Row } from "../src/wire/wire";
import { row, rowsOf, treeOf } from "./rows";
import { all, focused, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

describe("the rows that have another path", () => {
  const check = (before: Row[], now: Row[], expected: [string, string][]): void =>
    expect([...renamesOf(before, now)].sort()).toEqual(expected);
  const TEXT = "Root\n  Shop\n    a\n    b\n  Web";

  it("are renamed ones in their place, and all below them", () => {
    check(rowsOf(TEXT), rowsOf(TEXT), []);
    check(rowsOf(TEXT), rowsOf(TEXT.replace("Web", "www")), [["/Root/Web", "/Root/www"]]);
    check(rowsOf(TEXT), rowsOf(TEXT.replace("Shop", "Store").replace("b", "c")), [
      ["/Root/Shop", "/Root/Store"],
      ["/Root/Shop/a", "/Root/Store/a"],
      ["/Root/Shop/b", "/Root/Store/c"],
    ]);
    const renamedRoot = rowsOf(TEXT.replace("Root", "R"));
    expect(renamesOf(rowsOf(TEXT), renamedRoot).size).toBe(5);
  });

  it("are not those that came or went, moved, or are of another type", () => {
    check(rowsOf(TEXT), rowsOf("Root\n  Shop\n    a\n    b"), []);
    check(rowsOf(TEXT), rowsOf(`${TEXT}\n  New`), []);
    check(rowsOf("Root\n  a\n  b\n  c"), rowsOf("Root\n  b\n  x\n  a"), []);
    const of = (name: string, kind: string): Row[] => [row({ id: 0, name, kind })];
    check(of("a", "http"), of("b", "tcp"), []);
  });
});

describe("after the source was renamed", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
  });
  const TEXT = "Root 0.5\n  Shop\n    a\n  Web 0\n  Zoo";
  const rename = async (from: string, to: string): Promise<void> => {
    shown?.wire.emit({ event: "tree", value: treeOf(rowsOf(TEXT.replace(from, to)), 2) });
    await settle();
  };
  const type = (selector: string, text: string): void => {
    const field = one(selector) as HTMLInputElement;
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  it("the selection, the marks, the folds and the focus are still there", async () => {
    shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
    const { tree } = shown.panel;
    tree.expand(["/Root/Shop"], false);
    tree.select("/Root/Zoo");
    tree.toggle("/Root/Shop");
    await settle();
    one('[data-path="/Root/Shop"]').focus();
    await rename("Shop", "Store");
    expect(tree.selected).toBe("/Root/Store");
    expect([...tree.marked].sort()).toEqual(["/Root/Store", "/Root/Zoo"]);
    expect([...tree.closed]).toEqual(["/Root/Store"]);
    expect(localStorage.getItem("up.folds")).toBe('[["/Root/Store",false]]');
    expect(focused()).toBe("Store");
  });

  it("its details stay open, with the notes that are half written", async () => {
    shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
    shown.panel.show("/Root/Web");
    await settle();
    type('[aria-label="A note for now"]', "the disk");
    const button = all(".details button").find(({ textContent }) =>
      textContent.includes("Acknowledge…"),
    );
    button?.click();
    await settle();
    type(".controls input", "known");
    await rename("Web", "www");
    expect([shown.panel.open, one(".details h2").textContent]).toEqual([true, "www"]);
    const texts = all(".details input").map((field) => (field as HTMLInputElement).value);
    expect(texts).toEqual(expect.arrayContaining(["the disk", "known"]));
    expect(document.activeElement).toBe(one(".controls input"));
  });
});
