/** What the charts say of measured values, their thresholds, and failed checks without an incident. */
import type { Page } from "@playwright/test";

import type { MeasuredMetric } from "../src/wire/wire";
import { expect, open, overflow, rowOf, test, withFake } from "./panel";

declare global {
  /** The texts that were drawn on any canvas. */
  var drawnTexts: string[];
}

const figure = (page: Page, name: string): ReturnType<Page["locator"]> =>
  page.locator("figure").filter({ has: page.locator("figcaption", { hasText: name }) });

/** Has the fake measure only this, and opens the source that measured it. */
async function measured(page: Page, metrics: readonly MeasuredMetric[]): Promise<void> {
  await page.addInitScript(() => {
    globalThis.drawnTexts = [];
    // The texts of a canvas cannot be read back.
    const { prototype } = CanvasRenderingContext2D;
    const write = Object.getOwnPropertyDescriptor(prototype, "fillText")?.value as (
      ...given: unknown[]
    ) => void;
    prototype.fillText = function (this: CanvasRenderingContext2D, ...given): void {
      globalThis.drawnTexts.push(given[0]);
      write.apply(this, given);
    };
  });
  await open(page);
  await withFake(
    page,
    (fake, value) => {
      const answer = fake.request.bind(fake);
      fake.request = (asked) =>
        asked.ask === "metrics" ? Promise.resolve({ answer: "metrics", value }) : answer(asked);
    },
    [...metrics],
  );
  await rowOf(page, "nas").click();
}

/** A metric with a point for each value in the last minutes. */
function metric(label: string, values: readonly number[]): MeasuredMetric {
  const now = Date.now() / 1000;
  const begins = values.map((_, at) => now - (values.length - at) * 300);
  const [means, mins, maxs] = [[...values], [...values], [...values]];
  return {
    ...{ name: `perfdata.${label}`, label, unit: "", warn: [], crit: [] },
    ...{ begins, ends: begins.map((begin) => begin + 300), counts: values.map(() => 10) },
    ...{ means, mins, maxs, last: values.at(-1) ?? 0 },
  };
}

test("a metric says when it warns, and a counter its rate", async ({ page }) => {
  await open(page);
  await rowOf(page, "nas").click();
  await expect(figure(page, "free")).toContainText("Warns below 20%, critical below 10%.");
  await expect(figure(page, "temperature")).toContainText("Warns between -5 C and 0 C.");
  const rx = figure(page, "rx");
  await expect(rx).toContainText("Rate of a counter, which is at 1,234,567 now.");
  await expect(rx.getByRole("cell").first()).toHaveText(/^[\d.]+\/s$/);
  await rx.getByRole("slider").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(rx.getByRole("slider")).toHaveAttribute("aria-valuetext", /: [\d.]+\/s$/);
});

test("values of any size have an axis, and a long name has its title", async ({ page }) => {
  const long = `${"a very ".repeat(30)}long name`;
  await measured(page, [metric("huge", [1e307, 5e307]), metric(long, [-30, -20])]);
  await expect(page.getByRole("slider", { name: "huge over time" })).toBeVisible();
  const texts = (): Promise<string[]> => page.evaluate(() => globalThis.drawnTexts);
  await expect.poll(texts).toEqual(expect.arrayContaining(["0", "2e307", "-20"]));
  const name = page.locator("figcaption bdi").last();
  await expect(name).toHaveAttribute("title", long);
  await expect(name).toHaveText(/^a very.*….*long name$/);
});

test("one value is a text in place of a chart", async ({ page }) => {
  await measured(page, [metric("users", [3])]);
  await expect(figure(page, "users")).toContainText("Only one value in this span: 3.");
  await expect(figure(page, "users").locator("canvas")).toHaveCount(0);
});

test("measured values are a list where a table has no room", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page);
  await rowOf(page, "Search").click();
  const parts = page.getByRole("list", { name: "Parts of a check" });
  await expect(parts.getByRole("listitem")).toHaveCount(5);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const tall = await parts
    .locator("bdi")
    .evaluateAll((names) =>
      names
        .filter((name) => name.getBoundingClientRect().height > 24)
        .map((name) => name.innerHTML),
    );
  expect(tall, "no name is broken").toEqual([]);
  const outside = await parts
    .locator("dd")
    .evaluateAll((figures) =>
      figures.filter((figure) => figure.getBoundingClientRect().right > window.innerWidth),
    );
  expect(outside).toEqual([]);
});

test("a failed check without an incident is no outage", async ({ page }) => {
  await open(page);
  await rowOf(page, "PROD").click();
  await page.getByRole("radio", { name: "24 h" }).click();
  const legend = page.getByRole("list", { name: "Marks of the status" });
  await expect(legend).toContainText("failed check, not confirmed");
  const chart = page.getByRole("slider", { name: /^Status and duration of PROD/ });
  await chart.focus();
  const said = await chart.evaluate(async (element) => {
    for (let at = 0; at < 2_880; at += 1) {
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      const value = element.getAttribute("aria-valuetext") ?? "";
      if (value.includes("not confirmed")) return value;
    }
    return "";
  });
  expect(said).toMatch(/0% down.*, 1 failed check, not confirmed$/);
});
