import { expect, it } from "vitest";

import { scaled, shifted } from "../src/state/spans";

const NOW = 100_000;
const span = (from: number, to: number): { from: number; to: number } => ({ from, to });

it.each<[number, number, number, number, number]>([
  [1_000, 2_000, -0.5, 500, 1_500],
  [1_000, 2_000, 0.5, 1_500, 2_500],
  [99_000, 99_800, 0.5, 99_200, 100_000],
  [99_000, 100_000, 0.5, 99_000, 100_000],
])("%d to %d moved by %d of its length is %d to %d", (from, to, share, begin, end) =>
  expect(shifted(span(from, to), share, NOW)).toEqual(span(begin, end)),
);

it.each<[number, number, number, number, number, number]>([
  [1_000, 2_000, 0.5, 1_500, 1_250, 1_750],
  [1_000, 2_000, 0.5, 1_000, 1_000, 1_500],
  [1_000, 2_000, 2, 1_500, 500, 2_500],
  [99_000, 100_000, 2, 99_500, 98_000, 100_000],
  [1_000, 1_100, 0.5, 1_050, 1_020, 1_080],
])("%d to %d made %d times as long around %d is %d to %d", (from, to, by, around, begin, end) =>
  expect(scaled(span(from, to), by, around, NOW)).toEqual(span(begin, end)),
);

it("shows no more than 400 days", () => {
  const { from, to } = scaled(span(NOW - 399 * 86_400, NOW), 2, NOW, NOW);
  expect(to - from).toBe(400 * 86_400);
});
