/** What a figure says of how much was watched, what is drawn of a large tree, and what can be tried again. */
import { expect, open, rowOf, test, withFake } from "./panel";

const WIDE = { width: 1180, height: 760 };

test("a column of uptime says what it speaks of, and stands under its own head", async ({
  page,
}) => {
  await page.setViewportSize(WIDE);
  await open(page);
  await page.getByRole("button", { name: "Columns" }).click();
  for (const label of ["24 h", "30 d"]) {
    await page.getByRole("menuitemcheckbox", { name: `Uptime over ${label}` }).click();
  }
  await page.keyboard.press("Escape");
  const row = rowOf(page, "Checkout");
  await expect(row).toHaveAccessibleName(/24 h:\s*9\d[\d.]*% of 3 h watched 30 d:\s*— only 3 h/);
  await expect(row.locator(".uptime").last()).toHaveAttribute(
    "title",
    "Uptime over 30 d: — only 3 h watched",
  );
  await expect(rowOf(page, "Search")).toHaveAccessibleName(/24 h:\s*9\d[\d.]*% 30 d:\s*9\d[\d.]*%/);
  const edges = async (of: string): Promise<[number, number]> => {
    const { x = 0, width = 0 } = (await page.locator(of).first().boundingBox()) ?? {};
    return [x, x + width];
  };
  const [first] = await edges(".row .uptime");
  const [head] = await edges(".columns .what");
  expect(head).toBeGreaterThanOrEqual(first - 1);
  expect((await edges(".columns .took"))[1]).toBeCloseTo((await edges(".row .took"))[1], 0);
});

test("a window that reaches further back than the history repeats nothing", async ({ page }) => {
  await page.setViewportSize(WIDE);
  await open(page);
  await rowOf(page, "Checkout").click();
  const year = page.locator("details", { hasText: "A year at a glance" });
  await expect(year.locator("dl")).toHaveText(
    /24 h\s*9\d[\d.]*% of 3 h watched\s*7 d to 365 d\s*— nothing older/,
  );
});

test("the least up of a large tree are drawn, and it is said which are not", async ({ page }) => {
  await page.setViewportSize(WIDE);
  await open(page, "thousand");
  const comparison = page.locator(".details");
  await expect(
    comparison.getByText("The 100 least up of 1,000 sources below, side by side"),
  ).toBeVisible();
  await expect(comparison.getByText(/^The least up of this span come first\. 900/)).toBeVisible();
  const paths = await withFake(
    page,
    (fake) => fake.asked.flatMap((asked) => (asked.ask === "bands" ? [asked.paths] : [])).at(-1),
    null,
  );
  expect(paths).toHaveLength(100);
  const down = await withFake(
    page,
    (fake, paths) => {
      const rows = fake.world.rows.filter(({ below }) => below === 0);
      const drawn = new Set(paths);
      return rows.filter(({ status, path }) => status === 0 && !drawn.has(path)).length;
    },
    paths ?? [],
  );
  expect(down, "no source that is down is left out").toBe(0);
});

test("what lasts is listed although the history fails, which can be tried again", async ({
  page,
}) => {
  await open(page);
  await withFake(page, (fake) => void fake.failing.add("incidents"), null);
  await page.getByRole("button", { name: "Incidents", exact: true }).click();
  const list = page.getByRole("region", { name: "Incidents of everything" });
  await expect(list.getByRole("alert")).toContainText("cannot be read: No history answered");
  await expect(list.getByRole("heading", { name: "Now" })).toBeVisible();
  await expect(list.getByRole("listitem").first()).toContainText("now");
  await expect(list.getByRole("heading", { name: "Yesterday" })).toBeHidden();
  await withFake(page, (fake) => void fake.failing.delete("incidents"), null);
  await list.getByRole("button", { name: "Try again" }).click();
  await expect(list.getByRole("alert")).toBeHidden();
  await expect(list.getByRole("heading", { name: "Yesterday" })).toBeVisible();
});

test("a path that was watched for little keeps its tree beside its name in the overview", async ({
  page,
}) => {
  await page.setViewportSize(WIDE);
  await open(page);
  await page.getByRole("button", { name: "Overview" }).click();
  const row = page.locator("tbody tr.little").first();
  await expect(row.locator(".cover")).toHaveText(/watched$/);
  for (const part of [".name", ".inside", ".cover"]) {
    // A long tree may be cut by a few letters.
    const share = await row.locator(part).evaluate((one) => one.clientWidth / one.scrollWidth);
    expect(share, part).toBeGreaterThan(0.8);
  }
  await page.setViewportSize({ width: 480, height: 700 });
  await expect(row.locator(".inside")).toBeVisible();
  await expect(row.locator(".cover")).toBeVisible();
});
