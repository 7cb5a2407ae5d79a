import { afterEach, expect, it } from "vitest";

import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_HISTORY, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

const buttons = (): HTMLElement[] =>
  all("button").filter(({ textContent }) => textContent.trim() === "Try again");

it.each<
  ["history" | "long_view" | "bands" | "metrics" | "incidents" | "overview", string, string | null]
>([
  ["history", "The history cannot be read: too late", null],
  ["long_view", "It cannot be read: too late", null],
  ["bands", "It cannot be read: too late", null],
  ["metrics", "What was measured cannot be read: too late", "A"],
  ["incidents", "They cannot be read: too late", null],
  ["incidents", "The incidents cannot be read: too late", "Incidents"],
  ["overview", "The overview cannot be read: too late", "Overview"],
])("%s that fails with %j is asked for again by a button", async (ask, text, page) => {
  const wire = new StubWire(treeOf(rowsOf("Root\n  A\n  B")));
  wire.answers.set(ask, { answer: "failed", value: "too late" });
  const value = { ...EMPTY_HISTORY, path: page === "A" ? "/Root/A" : "/Root" };
  if (ask !== "history") wire.answers.set("history", { answer: "history", value });
  shown = await show(wire);
  if (page === "A") shown.panel.show("/Root/A");
  else if (page !== null) one(`[aria-label="${page}"]`).click();
  await settle();
  const said = all("[role=alert]").map(({ textContent }) => textContent.trim());
  expect(said).toContain(text);
  const before = wire.count(ask);
  wire.answers.delete(ask);
  const mine = buttons().find((button) => button.parentElement?.textContent.includes(text));
  mine?.click();
  await settle();
  expect(wire.count(ask)).toBeGreaterThan(before);
  expect(all("[role=alert]").map(({ textContent }) => textContent.trim())).not.toContain(text);
});

it("the focus stays on the page when the button has gone", async () => {
  const wire = new StubWire(treeOf(rowsOf("Root\n  A")));
  wire.answers.set("incidents", { answer: "failed", value: "too late" });
  shown = await show(wire);
  one('[aria-label="Incidents"]').click();
  await settle();
  wire.answers.delete("incidents");
  const button = buttons().find((button) =>
    button.closest('[aria-label="Incidents of everything"]'),
  );
  button?.focus();
  button?.click();
  await settle();
  expect(document.activeElement).toBe(one('[aria-label="Incidents of everything"]'));
  await press("Escape");
});
