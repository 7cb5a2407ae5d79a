/** Notes, from the first key to what the program is told. */
import { expect, open, rowOf, test, violations, withFake } from "./panel";

const CHECKOUT = "/Example Status/Web shop/Checkout";

test("a note of one source is written, changed, removed and put back", async ({ page }) => {
  await open(page);
  await rowOf(page, "Checkout").click();
  const notes = page.locator("ul", { hasText: "Deployed shop 4.12" });
  await page.getByRole("textbox", { name: "A note for now" }).fill("Vendor calld");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Noted: Vendor calld" })).toBeVisible();
  const flag = page.getByRole("button", { name: /^Note of .*Vendor call/ });
  await expect(flag).toHaveCount(1);

  await page.getByRole("button", { name: "Change the note: Vendor calld" }).click();
  const field = page.getByRole("textbox", { name: "The text of the note" });
  await expect(field).toBeFocused();
  expect(await violations(page, "all")).toEqual([]);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `.screens/note-changed-${scheme}.png` });
  }
  await field.fill("Vendor called");
  await page.keyboard.press("Enter");
  await expect(notes.getByText("Vendor called")).toBeVisible();
  await expect(notes.getByText("Vendor calld")).toHaveCount(0);

  await page.getByRole("button", { name: "Remove the note: Vendor called" }).click();
  await expect(notes.getByText("Vendor called")).toHaveCount(0);
  await expect(flag).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
  await page.screenshot({ path: ".screens/note-removed-dark.png" });
  await page.keyboard.press("Enter");
  await expect(notes.getByText("Vendor called")).toBeVisible();
  await expect(flag).toHaveCount(1);

  const edits = await withFake(page, (fake) => fake.noteEdits, null);
  const told = edits.map(({ removed, added }) => [
    removed?.message ?? null,
    added?.message ?? null,
  ]);
  expect(told).toEqual([
    [null, "Vendor calld"],
    ["Vendor calld", null],
    [null, "Vendor called"],
    ["Vendor called", null],
    [null, "Vendor called"],
  ]);
  expect(edits[0]?.added?.path).toBe(CHECKOUT);
});

test("a note of one source is not on the timeline of its neighbour", async ({ page }) => {
  await open(page);
  await rowOf(page, "Checkout").click();
  const text = page.getByRole("textbox", { name: "A note for now" });
  await text.fill("Vendor called");
  await page.keyboard.press("Enter");
  const note = page.getByRole("button", { name: "Remove the note: Vendor called" });
  await expect(note).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await rowOf(page, "Storefront").click();
  await expect(page.getByRole("heading", { name: "Storefront" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Remove the note: Deployed/ })).toBeVisible();
  await expect(note).toHaveCount(0);
  // The tree that contains the source shows it, and says whose it is.
  await page.keyboard.press("Escape");
  await rowOf(page, "Web shop").click();
  await expect(note).toBeVisible();
  await expect(page.locator("li", { has: note })).toContainText("Checkout");
});
