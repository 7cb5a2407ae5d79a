import { expect, it } from "vitest";

import { coverOf, littleOf, uncertain } from "../src/state/cover";
import type { OverviewPath, PathBand, SpanPart } from "../src/wire/wire";

const DAY = 86_400;
const WEEK = { from: 0, to: 7 * DAY };

function band(path: string, spans: readonly (readonly [number, number])[]): PathBand {
  const known = { uptime: 1, lowest: 1, highest: 1, count: 2, unknown: 0 };
  const took = { p50: 0.1, p95: 0.2, p99: 0.3, longest: 0.4 };
  const parts = spans.map(([from, to]): SpanPart => ({ from, to, ...known, ...took }));
  return { path, uptime: 1, parts, error: null };
}

it.each<[readonly (readonly [number, number])[], string, boolean]>([
  [[], "at most 0 s of 7 d", true],
  [[[6 * DAY, 6 * DAY + 480]], "at most 8 min of 7 d", true],
  [
    [
      [0, DAY],
      [6 * DAY, 7 * DAY],
    ],
    "at most 2 d of 7 d",
    false,
  ],
  [[[-DAY, 7 * DAY]], "at most 7 d of 7 d", false],
])("parts %j are %s", (spans, text, isLittle) =>
  expect(coverOf(band("/a", spans), WEEK)).toMatchObject({ text, isLittle }),
);

it("an error says nothing of how much was watched", () => {
  const bands = [band("/a", []), { ...band("/b", []), error: "MongoDB is away" }];
  expect([...littleOf(bands, WEEK).keys()]).toEqual(["/a"]);
});

it("the cover of paths with few samples is uncertain, those with the fewest first", () => {
  const counts = { a: 60_000, b: 2, c: 11_000, d: 12_000, e: 99 };
  const paths = Object.entries(counts).map(([name, count]): OverviewPath => {
    return { path: `/${name}`, uptime: 1, deviation: 0, count, level: 4 };
  });
  expect(uncertain(paths)).toEqual(["/b", "/e", "/c"]);
  expect(uncertain(paths.filter(({ count }) => count > 10_000))).toEqual(["/c"]);
});
