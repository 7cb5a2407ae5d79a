import { afterEach, expect, it } from "vitest";

import { rangeFor } from "../src/state/history";
import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_HISTORY, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

it.each<[number | null, string]>([
  [null, "1h"],
  [0, "1h"],
  [3_600, "1h"],
  [7_199, "1h"],
  [7_200, "6h"],
  [28_799, "6h"],
  [28_800, "24h"],
  [864_000, "24h"],
])("a history of %s s is looked at over %s", (age, key) => expect(rangeFor(age)?.key).toBe(key));

/**
 * A panel whose history began that many seconds ago. Returns the spans that it requested, in hours.
 */
async function spans(age: number | null): Promise<number[]> {
  const wire = new StubWire(treeOf(rowsOf("Root")));
  const dates = age === null ? [] : [Date.now() / 1000 - age];
  const value = { ...EMPTY_HISTORY, dates, statuses: dates.map(() => 1), durations: dates };
  wire.answers.set("history", { answer: "history", value });
  shown = await show(wire);
  await settle();
  return spansOf(wire);
}

const spansOf = (wire: StubWire): number[] =>
  wire.asked.flatMap((request) =>
    request.ask === "history" ? [Math.round((request.to - request.from) / 3600)] : [],
  );

const pressed = (): string[] =>
  all(".ranges [aria-checked=true]").map(({ textContent }) => textContent);

it.each<[number | null, number[], string]>([
  [null, [24, 1], "1 h"],
  [600, [24, 1], "1 h"],
  [3 * 3600, [24, 6], "6 h"],
  [20 * 3600, [24], "24 h"],
])("begun %s s ago: asks for %j hours and shows %s", async (age, asked, label) => {
  expect(await spans(age)).toEqual(asked);
  expect(pressed()).toEqual([label]);
});

it("keeps what a person chose, however young the history is", async () => {
  await spans(60);
  all(".ranges button").at(-1)?.click();
  await settle();
  expect(pressed()).toEqual(["1 y"]);
  expect(localStorage.getItem("up.range")).toBe('"1y"');
  const asked = shown === null ? [] : spansOf(shown.wire);
  expect(asked, "and asks for nothing else").toEqual([24, 1, 8760]);
});

it("has no menu of the browser's but where text is written", async () => {
  await spans(60);
  const opens = (selector: string): boolean =>
    one(selector).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
  expect([opens("[role=treeitem]"), opens("h1"), opens("input")]).toEqual([false, false, true]);
});

it("leaves the text of a field alone while it has the focus, however the span moves on", async () => {
  await spans(20 * 3600);
  const from = one('input[aria-label^="From, such as"]') as HTMLInputElement;
  from.focus();
  const before = from.value;
  all(".ranges button").at(-1)?.click();
  await settle();
  expect(from.value).toBe(before);
  from.blur();
  await settle();
  expect(from.value).not.toBe(before);
});

it("shows in its fields the span that a person wrote, in whichever of them", async () => {
  await spans(20 * 3600);
  const written = { From: "2026-03-01 10:00", To: "2026-03-02 12:30" };
  for (const [end, text] of Object.entries(written)) {
    const field = one(`input[aria-label^="${end}, such as"]`) as HTMLInputElement;
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  (one('input[aria-label^="To, such as"]') as HTMLInputElement).form?.requestSubmit();
  await settle();
  for (const [end, text] of Object.entries(written)) {
    expect((one(`input[aria-label^="${end}, such as"]`) as HTMLInputElement).value).toBe(text);
  }
});
