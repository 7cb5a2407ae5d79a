import { afterEach, expect, it } from "vitest";

import { whenOf } from "../src/state/when";
import { zone } from "../src/state/zone.svelte";

const local = (...parts: [number, number, number, number, number, number?]): number =>
  new Date(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5] ?? 0).getTime() / 1000;
const NOW = local(2026, 11, 22, 12, 0);

afterEach(() => zone.choose(false));

it.each<[string, number | null]>([
  ["11:30", local(2026, 11, 22, 11, 30)],
  ["13:00", local(2026, 11, 21, 13, 0)],
  [" 9:05:07 ", local(2026, 11, 22, 9, 5, 7)],
  ["2026-11-20", local(2026, 11, 20, 0, 0)],
  ["2026-11-20 14:30", local(2026, 11, 20, 14, 30)],
  ["2026-11-20T14:30:05", local(2026, 11, 20, 14, 30, 5)],
  ["2026-12-24 18:00", local(2026, 12, 24, 18, 0)],
  ["2026-02-30", null],
  ["2026-13-01", null],
  ["24:00", null],
  ["12:60", null],
  ["yesterday", null],
  ["", null],
])("“%s” is %s", (text, expected) => expect(whenOf(text, NOW)).toBe(expected));

it("is by UTC when that is chosen", () => {
  zone.choose(true);
  expect(whenOf("2026-11-20 14:30", NOW)).toBe(Date.UTC(2026, 10, 20, 14, 30) / 1000);
});
