import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { rememberNewest } from "../src/state/memory";
import { TreeState } from "../src/state/treeState.svelte";
import { rowsOf, treeOf } from "./rows";

const leaves = (indent: string): string =>
  Array.from({ length: 200 }, (_, at) => `${indent}l${at}x`).join("\n");
const LARGE = `Root\n  A\n${leaves("    ")}\n  B\n${leaves("    ")}\n  C\n${leaves("    ")}`;

const opened = (text: string): TreeState => {
  const state = new TreeState();
  state.replace(treeOf(rowsOf(text)));
  return state;
};

beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

describe("a large tree", () => {
  it("starts closed, but for what a person opened", () => {
    opened(LARGE).expand(["/Root/B"], true);
    const again = opened(LARGE);
    expect([...again.closed]).toEqual(["/Root/A", "/Root/C"]);
    again.expand(["/Root/B"], false);
    expect([...opened(LARGE).closed]).toEqual(["/Root/A", "/Root/B", "/Root/C"]);
  });

  it("closes nothing that was open when it grows large", () => {
    const state = opened("Root\n  A\n    x");
    state.replace(treeOf(rowsOf(LARGE.replace("  A\n", "  A\n    x\n")), 2));
    expect([...state.closed]).toEqual(["/Root/B", "/Root/C"]);
  });
});

describe("a small tree", () => {
  it("starts open, but for what a person closed", () => {
    opened("Root\n  A\n    x\n  B\n    y").expand(["/Root/A"], false);
    expect([...opened("Root\n  A\n    x\n  B\n    y").closed]).toEqual(["/Root/A"]);
  });
});

it("stores the newest choices for which there is room", () => {
  const paths = Array.from({ length: 300 }, (_, at) => `/${"p".repeat(1000)}${at}`);
  rememberNewest("list", paths);
  const stored = JSON.parse(localStorage.getItem("up.list") ?? "[]") as string[];
  expect(stored.length).toBeGreaterThan(150);
  expect(stored.at(-1)).toBe(paths.at(-1));
  expect(stored).toEqual(paths.slice(-stored.length));
});

it("ignores what was stored there by something else", () => {
  localStorage.setItem("up.folds", '[["/Root/A", false], 7, ["/Root/B"], null]');
  expect([...opened("Root\n  A\n    x\n  B\n    y").closed]).toEqual(["/Root/A"]);
});
