import { afterEach, expect, it } from "vitest";

import { rowsOf, treeOf } from "./rows";
import { focused, names, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = "Root 0.5\n  a\n  b\n  c 0";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
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
