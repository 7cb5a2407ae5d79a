import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { endsWritten, writtenSpan } from "../src/state/writtenSpan";
import { zone } from "../src/state/zone.svelte";
import { rowsOf, treeOf } from "./rows";
import { EMPTY_HISTORY, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

beforeEach(() => zone.choose(true));
afterEach(() => zone.choose(false));

const DAY = 86_400;
/** Midnight of 2026-11-28 UTC. */
const NOW = Date.UTC(2026, 10, 28) / 1000;
const SHOWN = { from: NOW - DAY, to: NOW - 1 };

it.each<[number, number, string, string]>([
  [NOW - DAY, NOW - 5, "2026-11-27 00:00", "2026-11-27 23:59"],
  [NOW - 90, NOW - 5, "2026-11-27 23:58:30", "2026-11-27 23:59:55"],
])("a span from %s to %s is written %s and %s", (from, to, first, last) =>
  expect(endsWritten({ from, to })).toEqual({ from: first, to: last }),
);

it.each<[string | null, string | null, [number, number] | string]>([
  ["2026-11-20", null, [NOW - 8 * DAY, NOW - 1]],
  ["2026-11-20 12:00", "2026-11-21", [NOW - 7.5 * DAY, NOW - 7 * DAY]],
  [null, "12:00", [NOW - DAY, NOW - DAY / 2]],
  ["2026-11-27", "2026-11-30", [NOW - DAY, NOW]],
  ["yesterday", null, "“yesterday” is no time. Write 14:30 or 2026-11-22 14:30."],
  ["", null, "“” is no time. Write 14:30 or 2026-11-22 14:30."],
  ["2026-11-29", "2026-11-30", "That time is still to come."],
  ["2026-11-22", "2026-11-21", "The first time must be before the second."],
  ["2026-11-22 12:00:00", "2026-11-22 12:00:59", "That is shorter than a minute."],
  ["2020-01-01", null, "That is longer than 400 days."],
])("from %s to %s is %j", (from, to, expected) => {
  const found = writtenSpan({ from, to }, SHOWN, NOW);
  if (typeof expected === "string") expect(found).toEqual({ why: expected });
  else expect(found).toEqual({ span: { from: expected[0], to: expected[1] } });
});

describe("the fields of the span", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
  });

  const field = (end: string): HTMLInputElement => {
    const found = one(`.end [aria-label^="${end},"]`);
    if (!(found instanceof HTMLInputElement)) throw new Error("no field");
    return found;
  };
  async function write(end: string, text: string): Promise<void> {
    field(end).value = text;
    field(end).dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
  }
  async function submit(): Promise<void> {
    one(".end").parentElement?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
  }

  it("show what is drawn, and load what is written", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root")));
    const to = Date.UTC(2026, 10, 20) / 1000;
    wire.answers.set("history", { answer: "history", value: { ...EMPTY_HISTORY, to } });
    shown = await show(wire);
    expect([field("From").value, field("To").value]).toEqual([
      "2026-11-19 23:00",
      "2026-11-20 00:00",
    ]);
    const said = (): string => one(".length [role=status]").textContent.trim();
    expect(said()).toBe("1 h, up to now");
    await write("From", "soon");
    await submit();
    expect(said()).toContain("“soon” is no time");
    expect(field("From").getAttribute("aria-invalid")).toBe("true");
    field("From").focus();
    await press("Escape");
    expect(field("From").value, "Escape takes it back").toBe("2026-11-19 23:00");
    await write("From", "2026-11-18");
    await write("To", "2026-11-19 06:00");
    await submit();
    expect(wire.asked.at(-1)).toMatchObject({
      ask: "history",
      from: Date.UTC(2026, 10, 18) / 1000,
      to: Date.UTC(2026, 10, 19, 6) / 1000,
    });
    expect(said()).toBe("1 d 6 h");
  });
});
