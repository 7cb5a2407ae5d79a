/** A source that flaps does not bury the others: its incidents are one line, which shows the single ones. */
import type { Page } from "@playwright/test";

import { expect, open, overflow, rowOf, smallTargets, test, violations } from "./panel";

/** The end of half an hour in which the source flaps every other minute. */
const NOW = Date.UTC(2026, 10, 22, 16, 29, 50);

async function openAt(page: Page, now: number): Promise<void> {
  // The clock of Playwright would replace the marks that tell when the panel is drawn, too.
  await page.addInitScript((now) => (Date.now = (): number => now), now);
  await open(page, "flapping");
}

const list = (page: Page): ReturnType<Page["getByRole"]> =>
  page.getByRole("region", { name: "Incidents of everything" });

test("a series of incidents is one line that a key unfolds and folds", async ({ page }) => {
  await openAt(page, NOW);
  await page.getByRole("button", { name: "Incidents", exact: true }).click();
  await page.getByRole("radio", { name: "24 h" }).click();
  const now = list(page)
    .getByRole("button", { name: /^Search .*15 times down .* in all/ })
    .first();
  await expect(now).toContainText("– now, this time for 50 s");
  await expect(list(page).getByRole("heading", { name: "Now" })).toBeVisible();
  await now.focus();
  await page.keyboard.press("Enter");
  await expect(now).toHaveAttribute("aria-expanded", "true");
  const singles = list(page).getByRole("list", { name: "Single incidents of Search" });
  await expect(singles.getByRole("listitem")).toHaveCount(15);
  await page.screenshot({ path: ".screens/series-light.png" });
  await page.keyboard.press("Tab");
  await expect(singles.getByRole("button").first()).toBeFocused();
  expect(await violations(page, "all")).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 560 });
  await page.screenshot({ path: ".screens/series-narrow-dark.png" });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await expect(singles).toHaveCount(0);
  await expect(now).toBeFocused();
});

test("a series is one row of the table of its source, and a button shows its time", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1180, height: 900 });
  await openAt(page, NOW);
  await rowOf(page, "Search").click();
  const table = page.getByRole("table", { name: "Incidents, newest first" });
  const fold = table.getByRole("button", { name: "15 times down" }).first();
  await fold.scrollIntoViewIfNeeded();
  const rows = await table.getByRole("row").count();
  await fold.press("Enter");
  await expect(table.getByRole("row")).toHaveCount(rows + 15);
  await page.screenshot({ path: ".screens/series-table-light.png" });
  expect(await violations(page, "all")).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  await rowOf(page, "Web shop").click();
  const below = page.getByRole("region", { name: "Incidents below Web shop" });
  await expect(
    below.getByRole("button", { name: /^Search .* 15 times down/ }).first(),
  ).toBeVisible();
  await below.scrollIntoViewIfNeeded();
  await page.screenshot({ path: ".screens/series-below-light.png" });
});
