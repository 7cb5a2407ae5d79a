import { describe, expect, it } from "vitest";

import { joined, readPages } from "../src/state/incidentPages";
import { pageOf } from "../src/wire/fake/past";
import type { IncidentList, PastIncident } from "../src/wire/wire";
import { UNTOLD } from "./rows";

const incident = (path: string, from: number, lasts = false): PastIncident => ({
  path,
  from,
  until: lasts ? null : from + 5,
  level: 0,
  cause: null,
  ...UNTOLD,
});
const page = (
  incidents: PastIncident[],
  more: number,
  next: number | null,
  fallbacks: string[] = [],
): IncidentList => ({ incidents, more, next, searched: null, fallbacks });

it("a page that is added repeats nothing that lasted when the first one was read", () => {
  const old = incident("/R/old", 10, true);
  const first = page([old, incident("/R/a", 90), incident("/R/a", 80)], 2, 80, ["away"]);
  const second = page([incident("/R/a", 70)], 1, 70, ["away"]);
  const both = joined(first, second);
  expect(both).toEqual(page([...first.incidents, ...second.incidents], 1, 70, ["away"]));
  const last = page([incident("/R/a", 60), old], 0, null);
  expect(joined(both, last)).toEqual(
    page([...both.incidents, incident("/R/a", 60)], 0, null, ["away"]),
  );
});

describe("the incidents of the fake", () => {
  const short = Array.from({ length: 1_100 }, (_, at) => incident("/R/a", 1_000 + at * 10));
  const all = [...short, incident("/R/old", 10, true)];
  const ask = (before: number | null): Promise<IncidentList> =>
    Promise.resolve(pageOf(all, before));

  it.each([
    [1, 501, 600],
    [2, 1_001, 100],
    [3, 1_101, 0],
    [9, 1_101, 0],
  ])("%d pages have %d, what lasts first, and %d are left", async (pages, listed, more) => {
    const found = await readPages(ask, pages);
    expect(found.incidents).toHaveLength(listed);
    expect(found.incidents[0]?.path).toBe("/R/old");
    expect([found.more, found.next === null]).toEqual([more, more === 0]);
    expect(new Set(found.incidents.map(({ path, from }) => path + String(from))).size).toBe(listed);
  });
});
