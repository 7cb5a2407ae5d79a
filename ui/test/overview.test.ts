import { afterEach, expect, it } from "vitest";

import { placeOf } from "../src/chart/bubbles";
import { bubblesOf, namedOf, placeOnNines, worstFirst } from "../src/state/overview";
import type { OverviewPath } from "../src/wire/wire";
import { withoutPen, withPen } from "./pen";
import { rowsOf, treeOf } from "./rows";
import { all, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const path = (path: string, uptime: number | null, deviation = 0): OverviewPath => ({
  path,
  uptime,
  watched: 7 * 86_400,
  deviation,
  count: 2_880,
  level: uptime === null ? null : Math.floor(uptime * 4),
});
const PATHS = [path("/Root", 0.75, 0.25), path("/Root/A", 0.5, 0.5), path("/Root/B", null)];

const NONE: ReadonlyMap<string, string> = new Map();

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
  withoutPen();
});

it("puts each path where its uptime and deviation say", () => {
  const said = bubblesOf(PATHS, NONE).map(({ x, y, size, depth }) => [x, y, size, depth]);
  expect(said).toEqual([
    [0.25, placeOnNines(0.75), 0.5, 0],
    [0.75, placeOnNines(0.5), 1, 1],
  ]);
});

it.each([
  [0, 0],
  [0.9, 1 / 4.5],
  [0.99, 2 / 4.5],
  [0.999, 3 / 4.5],
  [0.9999, 4 / 4.5],
  [0.999_999, 4 / 4.5],
  [1, 1],
])("an uptime of %f is at %f of the height", (uptime, place) =>
  expect(placeOnNines(uptime)).toBeCloseTo(place, 9),
);

it("names the worst that were watched, and ranks what was watched for little behind them", () => {
  const paths = [...PATHS, path("/Root/new", 0), path("/Root/C", 0.99), path("/Root/D", 1)];
  const little = new Map([["/Root/new", "2 min of 7 d watched"]]);
  const bubbles = bubblesOf(paths, little);
  expect(namedOf(bubbles).map(({ path }) => path.path)).toEqual(["/Root/A", "/Root", "/Root/C"]);
  expect(bubbles.filter(({ isLittle }) => isLittle).map(({ path }) => path.path)).toEqual([
    "/Root/new",
  ]);
  expect(worstFirst(paths, little).map(({ path }) => path)).toEqual(
    ["A", "", "C", "D", "new", "B"].map((name) => (name === "" ? "/Root" : `/Root/${name}`)),
  );
});

it("says in the table how little of the span a path was watched", async () => {
  withPen(400);
  const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
  const paths = [{ ...path("/Root/A", 0), watched: 60 }, path("/Root/B", 0.5)];
  const value = { paths, store: "the embedded history", fallback: null };
  wire.answers.set("overview", { answer: "overview", value });
  shown = await show(wire);
  one('[aria-label="Overview"]').click();
  await settle();
  const rows = all("tbody tr").map(({ textContent }) => textContent.replaceAll(/\s+/g, " "));
  expect(rows).toEqual([
    expect.stringContaining("B"),
    expect.stringContaining("1 min of 7 d watched"),
  ]);
  expect(all("tbody tr.little")).toHaveLength(1);
});

it("lists the worst first and the unknown last", () =>
  expect(worstFirst(PATHS, NONE).map(({ path }) => path)).toEqual(["/Root/A", "/Root", "/Root/B"]));

it("shows all paths as bubbles and as a table, which lead to the histories and incidents", async () => {
  withPen(400);
  const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
  const value = { paths: PATHS, store: "the embedded history", fallback: "MongoDB is away" };
  wire.answers.set("overview", { answer: "overview", value });
  shown = await show(wire);
  one('[aria-label="Overview"]').click();
  await settle();
  expect(all("tbody tr").map(({ textContent }) => textContent.replaceAll(/\s+/g, " "))).toEqual([
    expect.stringContaining("A"),
    expect.stringContaining("Root"),
    expect.stringContaining("—"),
  ]);
  expect(one(".list").textContent).toContain("MongoDB is away");
  one(".path button").click();
  await settle();
  expect(shown.panel.tree.selected).toBe("/Root/A");
  expect(wire.asked.filter(({ ask }) => ask === "history").at(-1)).toMatchObject({
    path: "/Root/A",
  });
  shown.panel.open = false;
  const [, bubble] = bubblesOf(PATHS, NONE);
  if (bubble === undefined) throw new Error("two paths have a bubble");
  const { left, top } = placeOf(bubble, 400, 2);
  const click = new MouseEvent("click", { bubbles: true });
  Object.assign(click, { offsetX: left, offsetY: top });
  one("canvas").dispatchEvent(click);
  expect(shown.panel.open, "a bubble leads to the history, too").toBe(true);
  shown.panel.open = false;
  expect(all("td.incidents button")).toHaveLength(2);
  one('[aria-label="Incidents of A"]').click();
  await settle();
  expect(document.querySelector('section[aria-label="Incidents of A"]')).not.toBeNull();
  await press("Escape");
  await press("Escape");
  expect(document.querySelector('[role="tree"]')).not.toBeNull();
});
