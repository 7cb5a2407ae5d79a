/** The first things that a person sees: while Up starts, and while there is nothing to watch. */
import type { Page } from "@playwright/test";

import { expect, open, overflow, rowOf, serve, test, violations } from "./panel";

/** What is drawn so many milliseconds after the page began, by its animations: their opacity. */
function opacityAt(page: Page, selector: string, time: number): Promise<number> {
  return page.locator(selector).evaluate((element, time) => {
    for (const one of element.getAnimations()) {
      const delayed = (element as HTMLElement).closest<HTMLElement>("[style*=late]");
      const late = Number.parseFloat(delayed?.style.getPropertyValue("--late") ?? "0");
      one.pause();
      one.currentTime = time - late;
    }
    return Number(getComputedStyle(element).opacity);
  }, time);
}

for (const reducedMotion of ["no-preference", "reduce"] as const) {
  test(`a quick start shows nothing before the tree, a slow one says so: ${reducedMotion}`, async ({
    page,
  }) => {
    await page.emulateMedia({ reducedMotion });
    // The first answer does not come while this test looks. A busy browser begins the page late.
    await page.goto("/?fake=busy&delay=600000&still");
    await expect(page.locator(".waiting")).toBeAttached();
    expect(await opacityAt(page, ".waiting", 300)).toBe(0);
    expect(await opacityAt(page, ".waiting", 10_000)).toBe(1);
    expect(await opacityAt(page, ".waiting .starting", 700)).toBe(0);
    expect(await opacityAt(page, ".waiting .starting", 10_000)).toBe(1);
    await page.screenshot({ path: `.screens/starting-${reducedMotion}.png` });
  });
}

test("a slow start says that Up is starting, until the tree is there, and nothing moves", async ({
  page,
}) => {
  await page.addInitScript(() => {
    const moves: number[] = [];
    Object.assign(globalThis, { moves });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) moves.push((entry as { value?: number }).value ?? 0);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto("/?fake=busy&delay=3000&still");
  await expect(page.getByText("Up is starting…")).toBeVisible();
  await expect(rowOf(page, "PROD")).toBeVisible();
  await expect(page.getByText("Up is starting…")).toHaveCount(0);
  const moved = await page.evaluate(() => {
    const { moves } = globalThis as unknown as { moves: number[] };
    return moves.reduce((sum, one) => sum + one, 0);
  });
  expect(moved).toBeLessThan(0.01);
});

test("a page whose scripts do not come says that Up is starting", async ({ page }) => {
  await serve(page);
  await page.route("**/*.js", () => undefined);
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.getByText("Up is starting…")).toBeVisible();
});

test("the first run has one message, and its button is seen at once", async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 560 });
  await open(page, "empty");
  await page.screenshot({ path: ".screens/first-run-small.png" });
  await expect(page.getByRole("heading", { name: "Tell Up what to watch" })).toBeInViewport();
  const button = page.getByRole("button", { name: "Create and open up.toml" });
  await expect(button).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole("button", { name: "Open", exact: true })).toHaveCount(0);
  await expect(page.getByText("there is no such file")).toHaveCount(0);
  await page.setViewportSize({ width: 320, height: 480 });
  await expect(button).toBeInViewport({ ratio: 1 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await violations(page, "all")).toEqual([]);
});

test("a configuration with mistakes from the start has them above one button", async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 560 });
  await open(page, "broken-start");
  await page.screenshot({ path: ".screens/broken-start.png" });
  await expect(page.getByText("did you mean “timeout”?")).toBeInViewport();
  const buttons = page.getByRole("button", { name: /^Open/ });
  await expect(buttons).toHaveCount(1);
  await expect(buttons).toBeInViewport({ ratio: 1 });
});
