import { expect, it } from "vitest";

import { placeNames } from "../src/chart/bubbleNames";
import type { Circle, NamePlace } from "../src/chart/bubbleNames";

const AREA = { left: 40, right: 400, top: 0, bottom: 220 };
const OWN: Circle = { left: 200, top: 100, radius: 10 };
const WIDTH = 50;

/** The place of the name of the first bubble among all. */
const placed = (...others: Circle[]): NamePlace | null =>
  placeNames([{ own: OWN, width: WIDTH }], [OWN, ...others], AREA)[0] ?? null;

it.each<[string, Circle[], number, number]>([
  ["alone, on the right", [], 214, 100],
  ["on the left of another", [{ left: 240, top: 100, radius: 10 }], 136, 100],
  [
    "above, between two others",
    [
      { left: 240, top: 100, radius: 10 },
      { left: 160, top: 100, radius: 10 },
    ],
    175,
    83,
  ],
])("the name of a bubble stands %s", (_, others, left, middle) =>
  expect(placed(...others)).toEqual({ left, middle, lead: null }),
);

it("a name without room beside its bubble has a line that leads to it", () => {
  const around = [0, 60, 120, 180, 240, 300].map((degrees) => {
    const angle = (degrees / 180) * Math.PI;
    return { left: 200 + 22 * Math.cos(angle), top: 100 + 22 * Math.sin(angle), radius: 11 };
  });
  expect(placed(...around)?.lead).not.toBeNull();
});

it("names lie within their area on no other name, and on no bubble where there is room", () => {
  let seed = 5;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  let crossed = 0;
  for (let round = 0; round < 200; round += 1) {
    const circles = Array.from({ length: 40 }, () => ({
      left: 60 + random() * 330,
      top: 20 + random() * 180,
      radius: 4 + random() * 8,
    }));
    const named = circles.slice(0, 6).map((own) => ({ own, width: 30 + random() * 60 }));
    const boxes = placeNames(named, circles, AREA).flatMap((place, at) =>
      place === null ? [] : [{ ...place, right: place.left + (named[at]?.width ?? 0) }],
    );
    boxes.forEach((box, at) => {
      expect([box.left >= 40, box.right <= 400, box.middle >= 6, box.middle <= 214]).toEqual(
        Array(4).fill(true),
      );
      for (const other of boxes.slice(at + 1)) {
        const isBeside = other.right <= box.left || box.right <= other.left;
        expect(isBeside || Math.abs(other.middle - box.middle) >= 12).toBe(true);
      }
      const isHit = circles.some(({ left, top, radius }) => {
        const across = Math.max(box.left - left, 0, left - box.right);
        return Math.hypot(across, Math.max(Math.abs(box.middle - top) - 6, 0)) < radius - 0.01;
      });
      if (isHit) crossed += 1;
    });
  }
  // As crowded as this, few of 1,200 names find no room.
  expect(crossed).toBeLessThan(120);
});
