/** What the benchmark of the panel measures with: medians, frames, lags and memory. */
import type { Page } from "@playwright/test";

/** The middle of some values; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of all does not exceed, between the two nearest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** Repeats a measurement and returns the median. */
export async function medianOf(times: number, measure: () => Promise<number>): Promise<number> {
  const values = [];
  for (let turn = 0; turn < times; turn += 1) values.push(await measure());
  return median(values);
}

/**
 * The milliseconds of the panel itself until something was drawn: from the start of the page, but
 * without the time in which the fake makes its world.
 */
export async function drawnAfter(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
  return page.evaluate(() => {
    const at = (mark: string): number => performance.getEntriesByName(mark)[0]?.startTime ?? 0;
    return at("drawn") - at("fake") + at("loaded");
  });
}

/** Scrolls the tree from its top by so many pixels a frame. Returns the lengths of the frames, in ms. */
export function scroll(page: Page, frames: number, pixels: number): Promise<number[]> {
  return page.evaluate(
    async ([frames, pixels]) => {
      const scroller = document.querySelector('[role="tree"]')?.parentElement;
      if (!(scroller instanceof HTMLElement)) throw new Error("there is no tree");
      scroller.scrollTop = 0;
      const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));
      const lengths = [];
      let before = await frame();
      for (let turn = 0; turn < (frames ?? 0); turn += 1) {
        scroller.scrollTop += pixels ?? 0;
        const now = await frame();
        lengths.push(now - before);
        before = now;
      }
      return lengths;
    },
    [frames, pixels],
  );
}

/** The bytes that the scripts of the page hold after a collection of garbage. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  for (let turn = 0; turn < 3; turn += 1) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}
