import { afterEach, expect, it } from "vitest";

import { asPage, rowsOf, treeOf } from "./rows";
import { one, show, StubWire } from "./stub";
import type { Shown } from "./stub";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

it.each<[string, (string | null)[], string]>([
  ["1 1 1", [null, null, null], "All 3 up"],
  ["1", [null], "1 source, up"],
  ["0 1 1", [null, null, null], "1 of 3 not up"],
  ["? 1 1", [null, null, null], "2 of 3 up · 1 unknown"],
  ["? ? ?", ["offline", "offline", "offline"], "All 3 offline"],
  ["?", ["paused"], "1 source paused"],
  ["1 ? ?", [null, "offline", "offline"], "1 up · 2 offline"],
  ["0 1 ?", [null, null, "maintenance"], "1 of 2 not up · 1 in maintenance"],
  ["? ? ?", [null, "paused", "offline"], "0 of 1 up · 1 unknown · 1 paused · 1 offline"],
])("of leaves at %s held as %j it says “%s”", async (statuses, holds, said) => {
  const leaves = statuses.split(" ").map((status, at) => `  leaf${at} ${status}`);
  const rows = rowsOf(["Root", ...leaves].join("\n")).map((row, at) => ({
    ...row,
    hold: holds[at - 1] ?? null,
  }));
  const unknown = rows.filter(({ below, level, hold }) => below === 0 && level === null && !hold);
  shown = await show(new StubWire(treeOf(rows, 1, { unknown: unknown.length })));
  expect(one(".counts").textContent).toBe(said);
});

it("counts a status page once, whatever its components are", async () => {
  const text = "Root 0.5\n  Page 0\n    API ?\n    Web ?\n  Mail";
  const rows = asPage(rowsOf(text), "/Root/Page").map((row) => ({
    ...row,
    hold: row.path.startsWith("/Root/Page") ? "paused" : null,
  }));
  shown = await show(new StubWire(treeOf(rows, 1, { down: 0 })));
  expect(one(".counts").textContent).toBe("1 up · 1 paused");
});
