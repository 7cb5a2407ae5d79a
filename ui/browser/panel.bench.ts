/**
 * Measures the built panel: how soon it is there, how smoothly it scrolls, what an update of many
 * rows costs, how fast a year is drawn, and how much it holds. Run by `cargo xtask bench panel`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Page } from "@playwright/test";

import type { FakeWire } from "../src/wire/fake";
import type { PanelEvent } from "../src/wire/wire";
import { busyTime, drawnAfter, heapOf, median, medianOf, quantile, scroll } from "./measure";
import { expect, open, rowOf, serve, test } from "./panel";

const TURNS = 7;
const UPDATES = 25;
const FRAMES = 120;
/** The longest that rows that change may keep a timer waiting, and the longest drawing of a year, in ms. */
const [MOST_LAG, MOST_YEAR] = [50, 150];
/** The rows that change at once when 10,000 sources are checked every 30 s: the panel is told four
 * times a second. */
const SHARE = 1 / 120;

declare global {
  /** The updates to send. */
  var updates: PanelEvent[];
}

/** Prints a figure on the standard output, beside what it is of. */
function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(58)} ${figure.padStart(12)}\n`);
}
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Opens a tree with all its subtrees open. */
async function openAll(page: Page, scenario: string): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("up.closed", "[]"));
  await open(page, scenario);
}

for (const [scenario, rows] of [
  ["busy", "20"],
  ["thousand", "1,000"],
  ["big", "10,000"],
] as const) {
  test(`opening ${rows} rows`, async ({ page, browser }) => {
    const first = await medianOf(TURNS, async () => {
      const context = await browser.newContext();
      const fresh = await context.newPage();
      await serve(fresh);
      await fresh.goto(`https://panel.test/?fake=${scenario}&delay=0&still`);
      const took = await drawnAfter(fresh);
      await context.close();
      return took;
    });
    await open(page, scenario);
    const warm = await medianOf(TURNS, async () => {
      await page.reload();
      return drawnAfter(page);
    });
    say(`${rows} rows: first opening, to something drawn`, ms(first));
    say(`${rows} rows: opening again`, ms(warm));
  });
}

for (const [scenario, rows] of [
  ["thousand", "1,000"],
  ["big", "10,000"],
] as const) {
  test(`scrolling ${rows} rows`, async ({ page }) => {
    await openAll(page, scenario);
    const before = await heapOf(page);
    const frames = [];
    for (let turn = 0; turn < 3; turn += 1) frames.push(...(await scroll(page, FRAMES, 150)));
    say(`${rows} rows: a frame of scrolling, median`, ms(median(frames)));
    say(`${rows} rows: a frame of scrolling, 95 of 100 within`, ms(quantile(frames, 0.95)));
    say(`${rows} rows: memory after scrolling, against before`, ratio(await heapOf(page), before));
  });
}

test("updating 10,000 rows", async ({ page }) => {
  await openAll(page, "big");
  const busy = await busyTime(page);
  // What the fake does for its world is not counted.
  await page.evaluate(
    ([share, turns]) => {
      const fake = (globalThis as unknown as { upFake: FakeWire }).upFake;
      const { shape } = fake.tree();
      globalThis.updates = Array.from({ length: turns }, () => {
        const rows = fake.world.tick(Date.now() / 1000, share);
        return { event: "rows", value: { shape, rows, header: fake.world.header() } };
      });
    },
    [SHARE, UPDATES] as const,
  );
  const before = await busy();
  const lags = await page.evaluate(async () => {
    const fake = (globalThis as unknown as { upFake: FakeWire }).upFake;
    const rest = (time: number): Promise<void> => new Promise((done) => setTimeout(done, time));
    const lags: number[] = [];
    for (const update of globalThis.updates) {
      await rest(50);
      const start = performance.now();
      const lag = rest(0).then(() => performance.now() - start);
      fake.emit(update);
      lags.push(await lag);
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    }
    return lags;
  });
  const update = ((await busy()) - before) / UPDATES;
  say("10,000 rows: an update of 83 sources, time of its thread", ms(update));
  say("10,000 rows: the lag of a timer meanwhile, median", ms(median(lags)));
  // Nothing else of the page runs meanwhile, so that a timer waits for no more than this. Unlike the
  // lag, it is the same on a machine that is busy with something else.
  expect(update, "the time of an update, in ms").toBeLessThan(MOST_LAG);
});

test("drawing a year", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await page.addInitScript(() => localStorage.setItem("up.range", '"1y"'));
  const year = await medianOf(TURNS, async () => {
    await open(page);
    await rowOf(page, "Search").click();
    await page.waitForFunction(() => performance.getEntriesByName("history-drawn").length > 0);
    return page.evaluate(() => {
      const at = (mark: string): number => performance.getEntriesByName(mark)[0]?.startTime ?? 0;
      return at("history-drawn") - at("history-loaded");
    });
  });
  say("a year of one source, from the answer to the painted charts", ms(year));
  expect(year, "a year from its answer to its picture, in ms").toBeLessThan(MOST_YEAR);
});

test("opening ten times", async ({ page }) => {
  let first = 0;
  for (let turn = 0; turn < 11; turn += 1) {
    await open(page);
    await rowOf(page, "Search").click();
    await expect(page.locator(".details canvas").first()).toBeVisible();
    if (turn === 0) first = await heapOf(page);
  }
  const last = await heapOf(page);
  say("20 rows: memory of the scripts", mib(first));
  say("20 rows: memory after ten openings, against the first", ratio(last, first));
});

test("the bundle", () => {
  const assets = join(import.meta.dirname, "../dist/assets");
  const size = (ending: string): number =>
    readdirSync(assets)
      .filter((name) => name.endsWith(ending))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
  say("scripts, gzipped", `${(size(".js") / 1024).toFixed(1)} KiB`);
  say("styles, gzipped", `${(size(".css") / 1024).toFixed(1)} KiB`);
});

const ratio = (one: number, other: number): string => `${(one / other).toFixed(2)} times`;
