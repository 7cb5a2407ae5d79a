/** The built panel in a browser: served from the disk without a server, and read and driven. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

import { test as base, expect } from "@playwright/test";
import type { Page } from "@playwright/test";

import type { FakeWire } from "../src/wire/fake";

const BUILT = join(import.meta.dirname, "../.fake");
const AXE = join(import.meta.dirname, "../node_modules/axe-core/axe.min.js");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Serves the files of the built panel to a page. */
export async function serve(page: Page): Promise<void> {
  await page.route("https://panel.test/**", async (route) => {
    const path = new URL(route.request().url()).pathname;
    const file = join(BUILT, path === "/" ? "index.html" : path);
    const body = await readFile(file);
    await route.fulfill({ body, contentType: TYPES[extname(file)] ?? "text/plain" });
  });
}

/** A test whose page shows files of the built panel, and fails with any error of the page. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (said) => {
      if (said.type() === "error") errors.push(said.text());
    });
    await serve(page);
    await use(page);
    expect(errors).toEqual([]);
  },
});

export { expect };

/** Opens the panel in a simulated world that stands still, and waits until it is drawn. */
export async function open(page: Page, scenario = "busy"): Promise<void> {
  await page.goto(`/?fake=${scenario}&delay=0&still`);
  await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
}

/** Does something with the fake behind the page. */
export function withFake<Answer, Argument>(
  page: Page,
  act: (fake: FakeWire, argument: Argument) => Answer,
  argument: Argument,
): Promise<Answer> {
  const call = `(fake, argument) => (${act.toString()})(fake, argument)`;
  return page.evaluate(
    ([code, given]) => {
      // The fake's own functions are called in the page, where its types are not known.
      const run = (0, eval)(code as string) as (fake: unknown, given: unknown) => unknown;
      return run(globalThis.upFake, given) as Answer;
    },
    [call, argument],
  );
}

/** The row of the tree with this name. */
export const rowOf = (page: Page, name: string): ReturnType<Page["locator"]> =>
  page.getByRole("treeitem").filter({ has: page.getByText(name, { exact: true }) });

interface AxeNode {
  target: string[];
  failureSummary?: string;
}
interface AxeResult {
  violations: { id: string; help: string; nodes: AxeNode[] }[];
}
declare global {
  var axe: { run(options: unknown): Promise<AxeResult> };
}

/** What axe finds wrong in the page, one line each: in all of it, or only in its colours. */
export async function violations(page: Page, only: "all" | "colours"): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.addScriptTag({ path: AXE });
  const found = await page.evaluate((only) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const runOnly = only === "all" ? tags : { type: "rule", values: ["color-contrast"] };
    return globalThis.axe.run({ runOnly, resultTypes: ["violations"] });
  }, only);
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) =>
        `${id}: ${help} at ${target.join(" ")}: ${failureSummary ?? ""}`,
    ),
  );
}

/** The elements to press that are smaller than 24 pixels in one direction. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets = document.querySelectorAll<HTMLElement>(
      'button, [role="menuitem"], [role="radio"], [data-menu], [data-undo], [data-fold="true"]',
    );
    return [...targets].flatMap((target) => {
      const { width, height } = target.getBoundingClientRect();
      if (width === 0 || (width >= 24 && height >= 24)) return [];
      return [`${target.outerHTML.slice(0, 120)} is ${width} × ${height}`];
    });
  });
}

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
