import { describe, expect, it } from "vitest";

import { canAcknowledge, marksOf, untilOf } from "../src/state/effectiveControls";
import type { InForce, EffectiveControls } from "../src/wire/wire";
import { row } from "./rows";

const NOW = new Date(2026, 10, 22, 14, 30).getTime() / 1000;
const NOTHING: EffectiveControls = {
  paused: null,
  maintenance: null,
  snoozed: null,
  acknowledged: null,
};
const given = (path: string, until: number | null = null, note: string | null = null): InForce => ({
  path,
  since: NOW,
  until,
  note,
});

describe("what is in force", () => {
  it("is said with its end, near as a person would say it", () => {
    const check = (date: Date, expected: string): void => {
      expect(untilOf(date.getTime() / 1000, NOW)).toBe(expected);
    };
    check(new Date(2026, 10, 22, 15, 30), "15:30");
    check(new Date(2026, 10, 23, 9, 0), "tomorrow 09:00");
    check(new Date(2026, 11, 1, 9, 5), "2026-12-01 09:05");
  });

  it("is listed the strongest first, and undone where it was asked for", () => {
    const path = "/Root/Shop/Checkout";
    const standing: EffectiveControls = {
      paused: given("/Root/Shop"),
      maintenance: NOW + 1800,
      snoozed: given(path, NOW + 3600),
      acknowledged: given(path, null, "on it"),
    };
    const marks = marksOf({ path, standing, flapping: null }, NOW);
    expect(marks.map(({ icon, text, note, from }) => [icon, text, note, from])).toEqual([
      ["pause", "paused with Shop", null, "/Root/Shop"],
      ["maintenance", "under maintenance until 15:00", null, null],
      ["snooze", "snoozed until 15:30", null, null],
      ["acknowledge", "acknowledged", "on it", null],
    ]);
    expect(marks.map(({ undo }) => undo?.do ?? null)).toEqual([
      null,
      null,
      "unsnooze",
      "unacknowledge",
    ]);
    expect(marksOf({ path, standing: null, flapping: null }, NOW)).toEqual([]);
  });

  it("comes after that the source flaps, which nobody undoes", () => {
    const flapping = { since: NOW - 60, changes: 8, results: 21 };
    const standing = { ...NOTHING, acknowledged: given("/a") };
    const [mark, next] = marksOf({ path: "/a", standing, flapping }, NOW);
    expect([mark?.icon, mark?.short, mark?.text, mark?.undo]).toEqual([
      "flapping",
      "flapping since 14:29:00",
      "flapping since 14:29:00: 8 changes in the last 21 results",
      null,
    ]);
    expect(next?.icon).toBe("acknowledge");
  });

  it("leaves nothing to acknowledge of what is up, held, unasked or known", () => {
    const check = (more: Partial<ReturnType<typeof row>>, expected: boolean): void => {
      expect(canAcknowledge(row({ id: 0, name: "a", ...more }))).toBe(expected);
    };
    check({ level: 0 }, true);
    check({ level: 3 }, true);
    check({ level: null }, true);
    check({ level: 4 }, false);
    check({ level: null, waiting: true }, false);
    check({ level: null, hold: "paused" }, false);
    check({ level: 0, standing: { ...NOTHING, acknowledged: given("/a") } }, false);
    check({ level: 0, standing: { ...NOTHING, snoozed: given("/a") } }, true);
  });
});
