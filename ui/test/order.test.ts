import { afterEach, describe, expect, it } from "vitest";

import { headerOf, rowsOf, treeOf } from "./rows";
import { all, focused, names, one, press, resize, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = "Root 0.5\n  a\n  b\n  c 0";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
  resize(1024);
});

it("the worst come first if a person wants that, until they do not", async () => {
  shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
  expect(names()).toEqual(["Root", "a", "b", "c"]);
  const toggle = one('[aria-label="Worst first"]');
  toggle.click();
  await settle();
  expect(names()).toEqual(["Root", "c", "a", "b"]);
  expect(toggle.getAttribute("aria-pressed")).toBe("true");
  expect(localStorage.getItem("up.worst-first")).toBe("true");
  toggle.click();
  await settle();
  expect(names()).toEqual(["Root", "a", "b", "c"]);
});

it("the focus goes to the neighbour of a row that goes", async () => {
  shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
  await press("ArrowDown");
  await press("ArrowDown");
  expect(focused()).toBe("b");
  shown.wire.emit({ event: "tree", value: treeOf(rowsOf("Root 0.5\n  a\n  c 0"), 2) });
  await settle();
  expect(focused()).toBe("c");
  shown.wire.emit({ event: "tree", value: treeOf(rowsOf("Root\n  a"), 3) });
  await settle();
  expect(focused()).toBe("a");
});

describe("the focus, when what has it goes", () => {
  const emit = async (text: string): Promise<void> => {
    const rows = rowsOf(text);
    shown?.wire.emit({ event: "rows", value: { shape: 1, rows, header: headerOf(rows) } });
    await settle();
  };

  it("goes to the neighbour of a row that a filter leaves out, and back to it", async () => {
    shown = await show(new StubWire(treeOf(rowsOf("Root 0\n  a 0\n  b 0\n  c 0\n  d 0"))));
    const { tree } = shown.panel;
    tree.notUp = true;
    tree.select("/Root/b");
    await settle();
    one('[data-path="/Root/b"]').focus();
    await emit("Root 0\n  a 0\n  b\n  c 0\n  d 0");
    expect([focused(), tree.selected], "the details stay").toEqual(["c", "/Root/b"]);
    await emit("Root 0\n  a 0\n  b\n  c\n  d 0");
    expect(focused()).toBe("d");
    await emit("Root 0\n  a 0\n  b\n  c\n  d");
    expect(focused()).toBe("a");
    await emit("Root 0\n  a 0\n  b 0\n  c\n  d");
    expect(focused()).toBe("b");
    await emit("Root 0\n  a 0\n  b\n  c\n  d 0");
    expect(focused(), "the row before it, since none came after it").toBe("a");
    await press("Enter");
    expect([tree.selected, shown.panel.open]).toEqual(["/Root/a", true]);
  });

  it("goes to the tree with the details that covered it", async () => {
    resize(420);
    shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
    await press("ArrowDown");
    await press("ArrowDown");
    await press("Enter");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Back to the tree");
    shown.wire.emit({ event: "tree", value: treeOf(rowsOf("Root 0.5\n  a\n  c 0"), 2) });
    await settle();
    expect([shown.panel.open, focused()]).toEqual([false, "c"]);
  });

  it("goes to the next of the problems of now, and with the last one to the tree", async () => {
    shown = await show(new StubWire(treeOf(rowsOf("Root 0\n  a 0\n  b 0\n  c 0"))));
    const buttons = all('[aria-label="Problems now"] li button');
    buttons[1]?.focus();
    await emit("Root 0\n  a 0\n  b\n  c 0");
    expect(document.activeElement?.getAttribute("title")).toBe("/Root/c");
    await emit("Root 0\n  a 0\n  b\n  c");
    expect(document.activeElement?.getAttribute("title")).toBe("/Root/a");
    await emit("Root\n  a\n  b\n  c");
    expect(document.activeElement?.getAttribute("role")).toBe("treeitem");
  });
});
