import { describe, expect, it } from "vitest";

import { lasts, sinceLabel } from "../src/state/since";

describe("since when a row is as it is", () => {
  const check = (since: number | null, since_at_least: boolean, texts: [string, string]): void => {
    const row = { since, since_at_least };
    expect([sinceLabel(row), lasts(row, 1_000)]).toEqual(texts);
  };

  it("is no more than somebody saw", () => {
    check(940, false, ["Since", "1 min"]);
    check(940, true, ["At least since", "≥ 1 min"]);
    check(null, false, ["Since", ""]);
  });
});
