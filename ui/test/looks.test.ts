import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { strokesOf } from "../src/state/beats";
import { isWorthDrawing, partsOf } from "../src/state/timing";
import { isNotUp, isOutage, isUp, levelOf } from "../src/state/status";
import { shapeOf, toneOf } from "../src/state/statusStyle";
import { row } from "./rows";

describe("a status", () => {
  it.each<[Parameters<typeof row>[0], string, string]>([
    [{ id: 0, name: "a", level: 4 }, "up", "up"],
    [{ id: 0, name: "a", level: 3 }, "mostly-up", "partly"],
    [{ id: 0, name: "a", level: 2 }, "half", "partly"],
    [{ id: 0, name: "a", level: 1 }, "mostly-down", "down"],
    [{ id: 0, name: "a", level: 0 }, "down", "down"],
    [{ id: 0, name: "a", level: null }, "unknown", "none"],
    [{ id: 0, name: "a", level: null, waiting: true }, "waiting", "none"],
    [{ id: 0, name: "a", level: null, hold: "paused" }, "paused", "none"],
    [{ id: 0, name: "a", level: null, hold: "maintenance" }, "paused", "none"],
    [{ id: 0, name: "a", level: null, hold: "offline" }, "cut-off", "none"],
    [{ id: 0, name: "a", level: null, hold: "unreachable" }, "cut-off", "none"],
  ])("of %j has the shape %s and the colour %s", (made, shape, tone) => {
    const { level, hold, waiting } = row(made);
    expect([shapeOf({ level, hold, waiting }), toneOf(level)]).toEqual([shape, tone]);
  });

  it.each([
    [0, 0],
    [0.249, 0],
    [0.25, 1],
    [0.999, 3],
    [1, 4],
    [null, null],
  ])("%s is of level %s", (status, level) => expect(levelOf(status)).toBe(level));
});

describe("a level", () => {
  it.each<[number | null, boolean, boolean, boolean]>([
    [4, true, false, false],
    [3, false, false, true],
    [2, false, false, true],
    [1, false, true, true],
    [0, false, true, true],
    [null, false, false, true],
  ])("%s is up: %s, an outage: %s, not up: %s", (level, up, outage, notUp) => {
    expect([isUp(level), isOutage(level), isNotUp({ level, waiting: false })]).toEqual([
      up,
      outage,
      notUp,
    ]);
  });

  it("that is not known yet is neither up nor not up", () =>
    expect(isNotUp({ level: null, waiting: true })).toBe(false));
});

describe("beats", () => {
  it("leave dots where there is none yet, and stand at the right", () => {
    expect(strokesOf([4], 3)).toEqual([
      { tone: "empty", d: "M0 6h2v2h-2zM3 6h2v2h-2z" },
      { tone: "up", d: "M6 0h2v9h-2z" },
    ]);
  });
  it("show the newest when there are more than places", () => {
    expect(strokesOf([0, 4, 4], 2).map(({ tone }) => tone)).toEqual(["up"]);
  });
  it("differ by level in more than colour", () => {
    const shapes = [0, 1, 2, 3, 4, null].map((level) => strokesOf([level], 1)[0]?.d);
    expect(new Set(shapes).size).toBe(6);
  });
});

it("stacks the parts of an exchange", () => {
  const parts = partsOf([
    { part: "connect", seconds: 0.25 },
    { part: "first_byte", seconds: 0.75 },
    { part: "odd_one", seconds: 0 },
  ]);
  expect(parts.map(({ label, start, share }) => [label, start, share])).toEqual([
    ["Connect", 0, 0.25],
    ["First byte", 0.25, 0.75],
    ["odd one", 1, 0],
  ]);
  expect(partsOf([{ part: "body", seconds: 0 }])[0]?.share).toBe(0);
  expect(
    isWorthDrawing([
      { part: "resolve", seconds: 0 },
      { part: "connect", seconds: 1 },
    ]),
  ).toBe(false);
});

describe("contrast (WCAG AA, AAA for those who want more)", () => {
  const css = readFileSync("src/app.css", "utf8");
  const tokens = (block: string): Map<string, string> =>
    new Map(
      [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [
        name,
        hex,
      ]),
    );
  const [before = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");
  const themes = { light: tokens(before), dark: tokens(dark.slice(0, dark.indexOf("*,"))) };
  const more = readFileSync("src/contrast.css", "utf8").split(
    "@media (prefers-color-scheme: dark)",
  );
  const [light, night] = more.map(tokens);
  const strong = {
    "light, more contrast": new Map([...themes.light, ...(light ?? [])]),
    "dark, more contrast": new Map([...themes.light, ...themes.dark, ...(night ?? [])]),
  };

  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = ["ground", "raised", "hover", "select"];
  const words = ["text", "muted", "up-text", "partly-text", "down-text", "none-text", "accent"];
  const shapes = ["up", "partly", "down", "none", "edge", "accent"];

  for (const [theme, colours] of Object.entries({ ...themes, ...strong })) {
    const [forWords, forShapes] = theme in themes ? [4.5, 3] : [7, 4.5];
    const of = (name: string): string => colours.get(name) ?? "#000000";
    const pairs = grounds.flatMap((ground) => [
      ...words.map((name): [string, string, number] => [name, ground, forWords]),
      ...shapes.map((name): [string, string, number] => [name, ground, forShapes]),
    ]);
    it.each([...pairs, ["accent-text", "accent", 4.5] as const])(
      `${theme}: %s on %s is at least %f`,
      (name, ground, least) => expect(contrast(of(name), of(ground))).toBeGreaterThanOrEqual(least),
    );
  }
});
