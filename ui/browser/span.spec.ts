/** The span of the charts: dragged, scrolled, pinched, double-clicked, and moved by keys in each of them. */
import type { Locator, Page } from "@playwright/test";

import { expect, open, rowOf, test, withFake } from "./panel";

interface Asked {
  from: number;
  to: number;
}

/** The span of the newest request for the history. */
const spanOf = (page: Page): Promise<Asked> =>
  withFake(
    page,
    (fake) => {
      const asked = fake.asked.filter((request) => request.ask === "history").at(-1);
      return { from: asked?.from ?? 0, to: asked?.to ?? 0 };
    },
    null,
  );
const lengthOf = async (page: Page): Promise<number> => {
  const { from, to } = await spanOf(page);
  return Math.round(to - from);
};

const DAY = 86_400;
/** The charts over time of a source that measures something. */
const CHARTS = [
  { name: "the status", label: /^Status and duration of Search/, plot: 0 },
  { name: "the duration", label: /^Status and duration of Search/, plot: 1 },
  { name: "a metric", label: /^Parts of a check over time/, plot: 0 },
  { name: "a comparison", label: /^Median durations of 2 sources/, plot: 0 },
];

/** Shows the charts of a source over a day. Returns the area of one of them. */
async function chartOf(page: Page, { label, plot }: (typeof CHARTS)[number]): Promise<Locator> {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  await rowOf(page, "Search").click();
  await page.getByRole("radio", { name: "24 h", exact: true }).click();
  await expect.poll(() => lengthOf(page)).toBe(DAY);
  await page.getByText("Compare with other sources").click();
  await page.getByRole("textbox", { name: "Compare with" }).fill("checkout");
  await page.locator(".add button").first().click();
  const area = page.getByRole("slider", { name: label }).locator(".u-over").nth(plot);
  await area.scrollIntoViewIfNeeded();
  await expect(area).toBeVisible();
  return area;
}

/** The place of a share of an area, from the left. */
async function placeIn(area: Locator, share: number): Promise<{ x: number; y: number }> {
  const box = await area.boundingBox();
  if (box === null) throw new Error("the chart is not shown");
  return { x: box.x + box.width * share, y: box.y + box.height / 2 };
}

for (const chart of CHARTS) {
  test(`a part of ${chart.name} is dragged, and a double click shows all`, async ({ page }) => {
    const area = await chartOf(page, chart);
    const whole = await spanOf(page);
    const [first, last] = [await placeIn(area, 0.25), await placeIn(area, 0.5)];
    await page.mouse.move(first.x, first.y);
    await page.mouse.down();
    await page.mouse.move(last.x, last.y, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => lengthOf(page)).toBeLessThan(DAY);
    const part = await spanOf(page);
    const share = (date: number): number => (date - whole.from) / (whole.to - whole.from);
    expect(share(part.from)).toBeCloseTo(0.25, 1);
    expect(share(part.to)).toBeCloseTo(0.5, 1);
    await expect(page.locator(".length p")).toHaveText(/^(6 h|5 h 5\d min)/);
    await area.dblclick();
    await expect.poll(() => lengthOf(page)).toBe(DAY);
    await expect(page.locator(".length p")).toHaveText("1 d, up to now");
  });

  test(`${chart.name} is scaled by Ctrl and the wheel, and scrolled by the wheel`, async ({
    page,
  }) => {
    const area = await chartOf(page, chart);
    const whole = await spanOf(page);
    const { x, y } = await placeIn(area, 0.25);
    await page.mouse.move(x, y);
    const topOf = async (): Promise<number> => Math.round((await placeIn(area, 0)).y);
    const before = await topOf();
    await page.mouse.wheel(0, 40);
    await expect.poll(topOf).toBe(before - 40);
    expect(await lengthOf(page)).toBe(DAY);
    await page.mouse.wheel(0, -40);
    await expect.poll(topOf).toBe(before);

    // A pinch comes as such wheel events, too.
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.mouse.wheel(0, -100);
    await expect.poll(() => lengthOf(page)).toBeLessThan(DAY * 0.4);
    const part = await spanOf(page);
    const date = whole.from + 0.25 * (whole.to - whole.from);
    const place = (date - part.from) / (part.to - part.from);
    expect(place, "the date below the pointer stays there").toBeCloseTo(0.25, 1);
    expect(await topOf()).toBe(before);
    await page.mouse.wheel(0, 100);
    await expect.poll(() => lengthOf(page)).toBeGreaterThan(DAY * 0.5);
    await page.keyboard.up("Control");
  });
}

for (const { name, label } of CHARTS.slice(1)) {
  test(`${name} is scaled and moved by keys`, async ({ page }) => {
    await chartOf(page, { name, label, plot: 0 });
    const slider = page.getByRole("slider", { name: label });
    await slider.focus();
    await page.keyboard.press("Home");
    const said = await slider.getAttribute("aria-valuetext");
    await page.keyboard.press("+");
    await expect.poll(() => lengthOf(page)).toBe(DAY / 2);
    await page.keyboard.press("-");
    await expect.poll(() => lengthOf(page)).toBe(DAY);
    const before = await spanOf(page);
    await page.keyboard.press("Shift+ArrowLeft");
    await expect
      .poll(async () => Math.round((await spanOf(page)).from - before.from))
      .toBe(-DAY / 2);
    expect(await lengthOf(page)).toBe(DAY);
    await page.keyboard.press("Shift+ArrowRight");
    await expect.poll(async () => Math.round((await spanOf(page)).from - before.from)).toBe(0);
    expect(said).not.toBeNull();
    await expect(slider).toBeFocused();
  });
}

test("the charts of a history have one cross-hair, which the keys move", async ({ page }) => {
  const [chart] = CHARTS.slice(-1);
  if (chart === undefined) throw new Error("no chart");
  await chartOf(page, chart);
  const comparison = page.getByRole("slider", { name: chart.label });
  const lines = page.locator(".details .u-cursor-x");
  const placesNow = (): Promise<string[]> =>
    lines.evaluateAll((all) => all.map((line) => (line as HTMLElement).style.transform));
  await comparison.focus();
  await page.keyboard.press("Home");
  const before = await placesNow();
  await page.keyboard.press("PageUp");
  await expect(comparison).toHaveAttribute("aria-valuetext", /: Search .*, Checkout .* s$/);
  const places = await placesNow();
  // Status and duration, the parts of a check, the days of the certificate, and the comparison.
  expect(places).toHaveLength(5);
  expect(new Set(places).size).toBe(1);
  expect(places[0], "the key moved it").not.toBe(before[0]);
});
