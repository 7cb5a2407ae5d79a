/** What people do in the panel, from the first key to the request that reaches the program. */
import { expect, open, rowOf, test, violations, withFake } from "./panel";

const CHECKOUT = "/Example Status/Web shop/Checkout";

test("a row is snoozed with the mouse and woken with the keyboard", async ({ page }) => {
  await open(page);
  await rowOf(page, "Checkout").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Snooze for 1 hour" }).click();
  await expect(rowOf(page, "Checkout")).toContainText("snoozed until");
  await expect(rowOf(page, "Checkout")).toBeFocused();
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menuitem", { name: "Check now" })).toBeFocused();
  await page.keyboard.press("e");
  await page.keyboard.press("Enter");
  await expect(rowOf(page, "Checkout")).not.toContainText("snoozed");
});

test("the button of a row shows on hover and opens its menu", async ({ page }) => {
  await open(page);
  const button = rowOf(page, "PROD").locator("[data-menu]");
  await expect(button).toBeHidden();
  await rowOf(page, "PROD").hover();
  const box = await button.boundingBox();
  expect(box?.width).toBeGreaterThanOrEqual(24);
  expect(box?.height).toBeGreaterThanOrEqual(24);
  await button.click();
  await expect(page.getByRole("menu", { name: "Actions for PROD" })).toBeVisible();
  await page.mouse.click(5, 5);
  await expect(page.getByRole("menu")).toHaveCount(0);
});

test("a finger that rests on a row opens its menu", async ({ page, context }) => {
  await open(page);
  const box = await rowOf(page, "PROD").boundingBox();
  const point = { x: (box?.x ?? 0) + 80, y: (box?.y ?? 0) + 12 };
  const session = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchEnd"): Promise<unknown> =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchStart" ? [point] : [],
    });
  await touch("touchStart");
  await expect(page.getByRole("menu", { name: "Actions for PROD" })).toBeVisible();
  await touch("touchEnd");
  await expect(page.getByRole("menu")).toBeVisible();
});

test("several rows are acknowledged with one note", async ({ page }) => {
  await open(page);
  await rowOf(page, "Checkout").click({ modifiers: ["Control"] });
  await rowOf(page, "Invoices").click({ modifiers: ["Control"] });
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: "Acknowledge…" }).click();
  await page.getByRole("textbox", { name: "A note" }).fill("the vendor knows");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Acknowledged 2 rows.")).toBeVisible();
  const notes = await withFake(
    page,
    (fake) =>
      fake.world.rows.flatMap(({ path, standing }) =>
        standing?.acknowledged?.note === "the vendor knows" ? [path] : [],
      ),
    null,
  );
  expect(notes).toEqual([CHECKOUT, "/Example Status/Web shop/Payments/Invoices"]);
  await expect(rowOf(page, "Invoices")).toBeFocused();
});

test("what others need to know is in the clipboard", async ({ page }) => {
  await open(page);
  const copy = async (label: string): Promise<string> => {
    await rowOf(page, "Checkout").click({ button: "right" });
    const item = page.getByRole("menuitem", { name: label });
    await expect(item).not.toHaveAttribute("aria-disabled");
    await item.click();
    await expect(page.getByText("Copied.")).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copy("Copy the path")).toBe(CHECKOUT);
  expect(await copy("Copy the address")).toBe("https://shop.example.com/checkout/health");
  expect(await copy("Copy the cause")).toBe("HTTP 503 Service Unavailable after 2 redirects");
  const report = await copy("Copy a report (Markdown)");
  expect(report).toContain("## Checkout: DOWN\n\n- Path: `/Example Status/Web shop/Checkout`");
  expect(report).toContain("- Address: <https://shop.example.com/checkout/health>");
});

test("only the path of what is to be opened leaves the page", async ({ page }) => {
  await open(page);
  await rowOf(page, "Checkout").click({ button: "right" });
  const item = page.getByRole("menuitem", { name: "Open the address" });
  await expect(item).not.toHaveAttribute("aria-disabled");
  await item.click();
  const asked = await withFake(
    page,
    (fake) => fake.asked.filter((request) => request.ask === "open"),
    null,
  );
  expect(asked).toEqual([{ ask: "open", path: CHECKOUT }]);
});

test("a tag is found, and a program is opened in place of an address", async ({ page }) => {
  await open(page);
  await page.keyboard.press("/");
  await page.keyboard.type("tag:money");
  await expect(page.getByRole("treeitem")).toHaveCount(3);
  await expect(rowOf(page, "Checkout")).toBeVisible();
  await page.keyboard.press("Escape");
  await rowOf(page, "nas").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Open with virt-viewer" }).click();
  const asked = await withFake(
    page,
    (fake) => fake.asked.filter((request) => request.ask === "open"),
    null,
  );
  expect(asked).toEqual([{ ask: "open", path: "/Example Status/Office/nas" }]);
});

test("a comparison and the incidents are saved as they are shown", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  await rowOf(page, "Web shop").click();
  await page.getByRole("button", { name: "CSV: Save this comparison as a table" }).click();
  await expect(page.getByText("Saved as /home/ada/Downloads/up.csv")).toBeVisible();
  await page.getByRole("button", { name: "PNG: Save a picture of this comparison" }).click();
  await expect(page.getByText(/^Saved as .*\.png$/)).toBeVisible();
  const png = await withFake(
    page,
    (fake) => fake.asked.flatMap((request) => (request.ask === "save_picture" ? [request] : []))[0],
    null,
  );
  // What every PNG file begins with.
  expect(png?.png).toMatch(/^iVBORw0KGgo/);
  await page.getByRole("button", { name: "Incidents", exact: true }).click();
  await page.getByRole("button", { name: "JSON: Save these incidents as JSON" }).click();
  const saved = await withFake(
    page,
    (fake) => fake.asked.flatMap((request) => (request.ask === "save_shown" ? [request] : [])),
    null,
  );
  expect(saved.map(({ format }) => format)).toEqual(["csv", "json"]);
  expect(saved[0]?.text).toMatch(/^path,from,to,uptime,.*\n"?\/Example Status\/Web shop\//);
});

test("a strip of a comparison leads to what happened", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  await rowOf(page, "Web shop").click();
  const strip = page.getByRole("button", { name: /^Checkout: .*; its incidents$/ });
  const list = page.getByRole("region", { name: "Incidents of Checkout" });
  await strip.press("Enter");
  await expect(list).toBeVisible();
  await page.keyboard.press("Escape");
  await rowOf(page, "Web shop").click();
  const box = await strip.boundingBox();
  await strip.click({ position: { x: (box?.width ?? 0) - 2, y: 12 } });
  await expect(list.locator('[aria-current="true"]').first()).toBeFocused();
});

test("a problem stands above the tree, and no row moves when it comes", async ({ page }) => {
  await open(page, "big");
  await page.mouse.move(200, 500);
  await page.getByRole("tree").evaluate((tree) => tree.parentElement?.scrollTo(0, 900));
  await page.getByRole("button", { name: /problems now/ }).click();
  const row = page.getByRole("treeitem").nth(16);
  const name = await row.locator(".name").innerText();
  const before = await rowOf(page, name).boundingBox();
  await page.getByRole("button", { name: /problems now/ }).click();
  await expect(page.getByRole("region", { name: "Problems now" }).getByRole("list")).toBeVisible();
  await expect
    .poll(async () =>
      Math.abs(((await rowOf(page, name).boundingBox())?.y ?? 0) - (before?.y ?? 0)),
    )
    .toBeLessThan(1.5);
  await page.getByRole("region", { name: "Problems now" }).getByRole("button").nth(1).click();
  await expect(page.getByRole("heading", { name: /^host-/ })).toBeVisible();
});

test("a notification leads to its source, and Escape back and out", async ({ page }) => {
  await open(page);
  await withFake(page, (fake, value) => fake.emit({ event: "show", value }), CHECKOUT);
  await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(rowOf(page, "Checkout")).toBeFocused();
  await page.keyboard.press("/");
  await page.keyboard.type("office");
  await expect(page.getByRole("treeitem")).toHaveCount(6);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  const hidden = (): Promise<number> =>
    withFake(page, (fake) => fake.asked.filter(({ ask }) => ask === "hide").length, null);
  await expect.poll(hidden).toBe(1);
});

test("a beat, a red part of a chart and a notification lead to the incident", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  const marked = page.locator('.list [aria-current="true"]');
  const list = page.getByRole("region", { name: "Incidents of Checkout" });
  const leave = async (): Promise<void> => {
    await page.keyboard.press("Escape");
    await expect(rowOf(page, "Checkout")).toBeFocused();
  };
  // The newest beat of a source that is down.
  const beats = rowOf(page, "Checkout").locator("[data-beats] svg");
  const box = await beats.boundingBox();
  await beats.click({ position: { x: (box?.width ?? 0) - 1, y: 7 } });
  await expect(list).toBeVisible();
  await expect(marked.first()).toBeFocused();
  await leave();
  // The right edge of the chart, by the pointer and by the keyboard.
  const chart = page.getByRole("slider", { name: /Status and duration of Checkout/ });
  await expect(chart.locator("canvas").first()).toBeVisible();
  const over = chart.locator(".u-over").first();
  const area = await over.boundingBox();
  await over.hover({ position: { x: (area?.width ?? 0) - 2, y: 30 } });
  await over.click({ position: { x: (area?.width ?? 0) - 2, y: 30 } });
  await expect(marked.first()).toBeFocused();
  await leave();
  await chart.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(marked.first()).toBeFocused();
  await page.screenshot({ path: ".screens/incident-marked-light.png" });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: ".screens/incident-marked-dark.png" });
  await leave();
  await withFake(
    page,
    (fake, path) => {
      const to = Date.now() / 1000;
      fake.emit({ event: "incidents", value: { path, from: to - 60, to } });
    },
    CHECKOUT,
  );
  await expect(marked.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
});

test("an incident leads to the history of its time", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Incidents" }).click();
  await page.getByRole("textbox", { name: /^Filter/ }).fill("storefront");
  const incident = page.getByRole("region", { name: "Incidents of everything" }).locator("li");
  // The store answers what is looked for a moment later.
  await expect(incident.filter({ hasNotText: "Storefront" })).toHaveCount(0);
  await incident.first().getByRole("button").click();
  await expect(page.getByRole("heading", { name: "Storefront", exact: true })).toBeVisible();
  const span = await withFake(
    page,
    (fake) => fake.asked.filter((request) => request.ask === "history").at(-1),
    null,
  );
  expect(span).toMatchObject({ path: "/Example Status/Web shop/Storefront" });
});

test("what others wrote stays text", async ({ page }) => {
  await open(page);
  await expect(rowOf(page, "<img src=x onerror=alert(1)> & “friends”")).toBeVisible();
  await expect(page.locator("img")).toHaveCount(0);
});

test("what a source measured has charts with one cross-hair, and a table", async ({ page }) => {
  await open(page);
  await rowOf(page, "nas").click();
  const disk = page.getByRole("slider", { name: "/home over time" });
  await disk.scrollIntoViewIfNeeded();
  await disk.focus();
  await page.keyboard.press("Home");
  const first = await disk.getAttribute("aria-valuetext");
  await page.keyboard.press("PageDown");
  await page.keyboard.press("PageUp");
  await page.keyboard.press("PageUp");
  await expect(disk).not.toHaveAttribute("aria-valuetext", first ?? "");
  await expect(disk).toHaveAttribute("aria-valuetext", /: [67]\d(\.\d+)?% \(.*% to .*%\)/);
  const lines = page.locator(".details .u-cursor-x");
  const places = await lines.evaluateAll((all) =>
    all.map((line) => (line as HTMLElement).style.transform),
  );
  expect(places.length).toBe(7);
  expect(new Set(places).size).toBe(1);
  const table = page.getByRole("table", { name: "In MB" });
  await expect(table.getByRole("row")).toHaveCount(3);
  expect(await violations(page, "all")).toEqual([]);

  // Another source has none, and nothing in their place.
  await page.keyboard.press("Escape");
  await rowOf(page, "GitHub").click();
  await expect(page.getByText("A year at a glance")).toBeVisible();
  await expect(page.getByText("Measured")).toHaveCount(0);
});
