/** The pages in the place of the tree say what they are and lead back; odd names break no view. */
import { expect, open, overflow, rowOf, test } from "./panel";

for (const width of [320, 420, 1180]) {
  for (const name of ["Incidents", "Overview"]) {
    test(`${name} has a heading and a way back at ${width} pixels`, async ({ page }) => {
      await page.setViewportSize({ width, height: 700 });
      await open(page);
      await page.getByRole("button", { name, exact: true }).click();
      await expect(page.getByRole("heading", { name, exact: true, level: 2 })).toBeVisible();
      const back = page.getByRole("button", { name: "Back to the tree" });
      await expect(back).toHaveAttribute(
        "title",
        `Back to the tree (Escape, or the button ${name} above)`,
      );
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await back.press("Enter");
      await expect(rowOf(page, "Example Status")).toBeFocused();
      await expect(page.getByRole("heading", { name, exact: true })).toHaveCount(0);
    });
  }
}

test("details that cover a page lead back to that page", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Incidents", exact: true }).click();
  const list = page.getByRole("region", { name: "Incidents of everything" });
  await list.locator("li").first().getByRole("button").click();
  await expect(page.getByRole("region", { name: /^Details of/ })).toBeVisible();
  await page.getByRole("button", { name: "Back to the incidents" }).click();
  await expect(list.getByRole("textbox")).toBeFocused();
});

for (const width of [320, 420, 720, 1180]) {
  test(`no figure of a row is cut at ${width} pixels, whatever the names`, async ({ page }) => {
    await page.setViewportSize({ width, height: 700 });
    for (const scenario of ["odd", "busy"]) {
      await open(page, scenario);
      const cut = await page.locator("[role=treeitem] .took").evaluateAll((all) =>
        all.flatMap((took) => {
          const right = took.closest("[role=treeitem]")?.getBoundingClientRect().right ?? 0;
          return took.getBoundingClientRect().right > right - 11 ? [took.textContent] : [];
        }),
      );
      expect(cut).toEqual([]);
      const head = page.locator("header h1 .word");
      const tools = page.locator("header .tools");
      const [word, beside] = [await head.boundingBox(), await tools.boundingBox()];
      const apart =
        (word?.x ?? 0) + (word?.width ?? 0) <= (beside?.x ?? 0) ||
        (word?.y ?? 0) + (word?.height ?? 0) <= (beside?.y ?? 0);
      expect(apart, "the word of the whole and the tools").toBe(true);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
    await page.screenshot({ path: `.screens/odd-${width}.png` });
  });
}
