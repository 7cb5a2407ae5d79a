import { afterEach, describe, expect, it } from "vitest";

import { LONGEST, shortName } from "../src/state/names";
import { rowsOf, treeOf } from "./rows";
import { all, one, show, StubWire } from "./stub";
import type { Shown } from "./stub";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

describe("a name", () => {
  it("is cut in the middle if it is long", () => {
    expect(shortName("PROD")).toBe("PROD");
    expect(shortName("abcdefgh", 5)).toBe("ab…gh");
    expect(shortName("👩‍🚀".repeat(60)).length).toBeLessThan(200);
    const long = `begin${"x".repeat(200)}end`;
    expect(Array.from(shortName(long))).toHaveLength(LONGEST);
    expect(shortName(long)).toMatch(/^beginx+…x+end$/);
  });

  it("is isolated and whole in the title, wherever it is shown", async () => {
    const long = "x".repeat(200);
    shown = await show(new StubWire(treeOf(rowsOf(`Root 0.5\n  שרת 0\n  ${long}`))));
    const names = all('[role="treeitem"] .name');
    expect(names.map((name) => name.querySelector("bdi")?.textContent)).toEqual([
      "Root",
      "שרת",
      shortName(long),
    ]);
    expect(names[2]?.title).toBe(`/Root/${long}`);
    expect(one(".details h2 bdi, .title h2 bdi").textContent).toBe("Root");
  });
});
