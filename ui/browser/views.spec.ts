/** Every view in every look: nothing that axe finds, nothing too small or too wide, and a picture. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expect, open, overflow, rowOf, smallTargets, test, violations } from "./panel";

const NARROW = { width: 420, height: 640 };
const WIDE = { width: 1180, height: 760 };

/** The pictures that are kept, to be looked at. `UP_KEEP_PICTURES=1 npm run test:browser` takes them. */
const KEPT = join(import.meta.dirname, "../../tests/screens");
const KEEPS = process.env.UP_KEEP_PICTURES === "1";

interface Look {
  name: string;
  media: NonNullable<Parameters<Page["emulateMedia"]>[0]>;
  /** How much larger everything is. */
  zoom: number;
  /** True if a picture of each view in this look is kept. */
  kept?: boolean;
}
const PLAIN = { colorScheme: "light", forcedColors: "none", contrast: "no-preference" } as const;
const LOOKS: readonly Look[] = [
  { name: "light", media: PLAIN, zoom: 1, kept: true },
  { name: "dark", media: { ...PLAIN, colorScheme: "dark" }, zoom: 1, kept: true },
  { name: "forced", media: { ...PLAIN, colorScheme: "dark", forcedColors: "active" }, zoom: 1 },
  { name: "double", media: { ...PLAIN, contrast: "more" }, zoom: 2 },
];

interface View {
  name: string;
  scenario?: string;
  size?: { width: number; height: number };
  /** Leads from the tree to the view. */
  to?: (page: Page) => Promise<unknown>;
}
const press = (name: string) => (page: Page) =>
  page.getByRole("button", { name, exact: true }).click();
async function menu(page: Page): Promise<void> {
  await rowOf(page, "Checkout").click({ button: "right" });
  await expect(page.getByRole("menuitem", { name: "Open the address" })).not.toHaveAttribute(
    "aria-disabled",
  );
}
const VIEWS: readonly View[] = [
  { name: "tree" },
  { name: "tree-wide", size: WIDE },
  {
    name: "columns-wide",
    size: WIDE,
    to: async (page) => {
      await press("Columns")(page);
      for (const label of ["24 h", "7 d", "30 d", "90 d"]) {
        await page.getByRole("menuitemcheckbox", { name: `Uptime over ${label}` }).click();
      }
      await page.keyboard.press("Escape");
      await expect(rowOf(page, "PROD")).toContainText(/24 h:\s*9\d/);
    },
  },
  { name: "first-run", scenario: "empty" },
  { name: "broken", scenario: "broken" },
  { name: "waiting", scenario: "waiting" },
  { name: "big", scenario: "big" },
  { name: "big-wide", scenario: "big", size: WIDE },
  {
    name: "details",
    to: async (page) => {
      await rowOf(page, "Checkout").click();
      await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
      await expect(page.getByText(/Uptime/).first()).toBeVisible();
    },
  },
  {
    name: "history-wide",
    size: WIDE,
    to: async (page) => {
      await rowOf(page, "Search").click();
      await expect(page.locator(".details canvas").first()).toBeVisible();
    },
  },
  {
    name: "incidents",
    to: async (page) => {
      await press("Incidents")(page);
      await page.getByRole("radio", { name: "24 h" }).click();
      await expect(page.getByRole("heading", { name: "Now" })).toBeVisible();
    },
  },
  {
    name: "incidents-wide",
    size: WIDE,
    to: async (page) => {
      await press("Incidents")(page);
      await expect(page.getByRole("heading", { name: "Now" })).toBeVisible();
    },
  },
  { name: "overview", to: press("Overview") },
  { name: "overview-wide", size: WIDE, to: press("Overview") },
  {
    name: "comparison-wide",
    size: WIDE,
    to: async (page) => {
      await rowOf(page, "Web shop").click();
      const strip = page.getByRole("button", { name: /^Checkout: .*; its incidents$/ });
      await strip.evaluate((element) => element.scrollIntoView({ block: "center" }));
    },
  },
  {
    name: "measured",
    to: async (page) => {
      await rowOf(page, "nas").click();
      await page.getByRole("slider", { name: "/home over time" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "notes",
    to: async (page) => {
      await rowOf(page, "Checkout").click();
      await page.getByRole("button", { name: "Change the note: Deployed shop 4.12" }).click();
    },
  },
  { name: "menu", to: menu },
  {
    name: "snooze",
    to: async (page) => {
      await menu(page);
      await page.getByRole("menuitem", { name: "Snooze for…" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "acknowledge",
    to: async (page) => {
      await menu(page);
      await page.getByRole("menuitem", { name: "Acknowledge…" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "chosen",
    to: async (page) => {
      await rowOf(page, "PROD").click({ modifiers: ["Control"] });
      await rowOf(page, "Search").click({ modifiers: ["Shift"] });
      await expect(page.getByText("rows chosen")).toBeVisible();
    },
  },
];

for (const { name, scenario, size = NARROW, to } of VIEWS) {
  test(`${name} is for everybody`, async ({ page }) => {
    await page.emulateMedia({ ...PLAIN, reducedMotion: "reduce" });
    await page.setViewportSize(size);
    await open(page, scenario);
    await to?.(page);
    for (const look of LOOKS) {
      await page.emulateMedia({ ...look.media, reducedMotion: "reduce" });
      await page.evaluate((more) => {
        if (more) document.documentElement.dataset.contrast = "more";
      }, look.media.contrast === "more");
      const [width, height] = [Math.max(360, size.width / look.zoom), size.height / look.zoom];
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `.screens/${name}-${look.name}.png` });
      if (look.kept === true) {
        const path = join(KEPT, `${name}-${look.name}.jpeg`);
        if (KEEPS) await page.screenshot({ path, type: "jpeg", quality: 80 });
        expect.soft(existsSync(path), `${path} is kept`).toBe(true);
      }
      // What is no colour is the same in all looks of one size.
      const what = look.name === "light" || look.zoom !== 1 ? "all" : "colours";
      expect.soft(await violations(page, what), `${look.name}: axe`).toEqual([]);
      expect.soft(await smallTargets(page), `${look.name}: targets`).toEqual([]);
      expect.soft(await overflow(page), `${look.name}: too wide`).toBeLessThanOrEqual(0);
    }
  });
}
