import { expect, it } from "vitest";

import { coverRemark, littleOf, uptimeCell } from "../src/state/cover";
import type { UptimeCell } from "../src/state/cover";
import { figuresOf } from "../src/state/figures";
import { EMPTY_HISTORY } from "./stub";

const [MINUTE, DAY] = [60, 86_400];

it.each([
  [3 * MINUTE, DAY, "of 3 min watched"],
  [0.94 * DAY, DAY, "of 22 h 33 min watched"],
  [0.96 * DAY, DAY, ""],
  [DAY, DAY, ""],
])("%d of %d seconds are said as %j", (watched, length, remark) =>
  expect(coverRemark(watched, length)).toBe(remark),
);

it.each<[number | null, number, number, UptimeCell]>([
  [0.6085, DAY, DAY, { text: "60.85%", cover: "", isLittle: false }],
  [0.5, 12 * 3_600, DAY, { text: "50%", cover: "of 12 h watched", isLittle: false }],
  [0.5, 3_600, DAY, { text: "50%", cover: "of 1 h watched", isLittle: true }],
  [0, 3 * MINUTE, DAY, { text: "—", cover: "only 3 min watched", isLittle: true }],
  [null, 0, DAY, { text: "—", cover: "not watched", isLittle: true }],
])("an uptime of %j over %d of %d seconds is shown as %j", (uptime, watched, seconds, cell) =>
  expect(uptimeCell({ uptime, watched, seconds, known: watched })).toEqual(cell),
);

it("little of a span is less than a quarter of it", () => {
  const watched = { a: 0, b: 480, c: 1.7 * DAY, d: 1.8 * DAY, e: 7 * DAY };
  const paths = Object.entries(watched).map(([name, watched]) => {
    return { path: `/${name}`, uptime: 1, watched, deviation: 0, count: 9, level: 4 };
  });
  expect([...littleOf(paths, 7 * DAY)]).toEqual([
    ["/a", "0 s of 7 d watched"],
    ["/b", "8 min of 7 d watched"],
    ["/c", "1 d 16 h of 7 d watched"],
  ]);
});

it.each([
  [0.6085, 180, "of 3 min watched"],
  [0.6085, DAY, ""],
  [null, 0, ""],
])(
  "the uptime %j of a history of which %d s were watched has the remark %j",
  (uptime, watched, remark) => {
    const view = { ...EMPTY_HISTORY, count: 9, uptime, watched };
    expect(figuresOf(view)[0]).toMatchObject({ label: "Uptime", remark });
  },
);
