/** The picture of a history: what it has, and how large it is. */
import type { Page } from "@playwright/test";

import { expect, open, rowOf, test, withFake } from "./panel";

/** The size of a PNG file in Base64, and how many of its pixels in each of ten rows are no ground. */
interface Picture {
  width: number;
  height: number;
  drawn: number[];
}

/** Reads a picture in the browser. */
const measure = (page: Page, png: string): Promise<Picture> =>
  page.evaluate(async (base64): Promise<Picture> => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext("2d");
    if (pen === null) throw new Error("no canvas");
    pen.drawImage(image, 0, 0);
    const tall = Math.floor(image.height / 10);
    const drawn = Array.from({ length: 10 }, (_, row) => {
      const { data } = pen.getImageData(0, row * tall, image.width, tall);
      let other = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] !== data[0]) other += 1;
      return other;
    });
    return { width: image.width, height: image.height, drawn };
  }, png);

test("the picture of a history has every chart of it", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  await rowOf(page, "Search").click();
  await expect(page.getByRole("slider", { name: "Parts of a check over time" })).toBeVisible();
  await expect(page.locator(".scatter canvas")).toBeVisible();
  const save = page.getByRole("group", { name: "Save what is shown" });
  await save.getByRole("button", { name: "PNG: Save a picture of the figures and charts" }).click();
  await expect(page.getByText(/^Saved as .*\.png$/)).toBeVisible();
  const png = await withFake(
    page,
    (fake) => fake.asked.flatMap((request) => (request.ask === "save_picture" ? [request] : []))[0],
    null,
  );
  const { width, height, drawn } = await measure(page, png?.png ?? "");
  // The charts, their tables, the histograms, the scatter, and the year.
  expect(height).toBeGreaterThan(1_400);
  expect(width).toBeGreaterThan(500);
  expect(Math.min(...drawn), "nothing of it is empty").toBeGreaterThan(100);
  const table = page.getByRole("group", { name: "Save what was measured" });
  await table.getByRole("button", { name: /^CSV/ }).click();
  await expect
    .poll(() =>
      withFake(
        page,
        (fake) =>
          fake.asked.flatMap((request) => (request.ask === "save_shown" ? [request.text] : [])),
        null,
      ),
    )
    .toEqual([expect.stringMatching(/^metric,unit,from,.*\ntiming\.resolve,s,/)]);
});

test("the overview and the year are pictures of their own", async ({ page }) => {
  await open(page);
  const last = (): Promise<string> =>
    withFake(
      page,
      (fake) => fake.asked.flatMap((one) => (one.ask === "save_picture" ? [one.png] : [])).at(-1),
      null,
    ).then((png) => png ?? "");
  const save = async (what: string): Promise<Picture> => {
    const before = await last();
    const group = page.getByRole("group", { name: `Save ${what}` });
    await group.getByRole("button", { name: /^PNG/ }).click();
    await expect.poll(last).not.toBe(before);
    return measure(page, await last());
  };
  await page.getByRole("button", { name: "Overview" }).click();
  const overview = await save("this overview");
  expect(overview.width, "wider than the window").toBe(720 + 2 * 16);
  expect(Math.min(...overview.drawn)).toBeGreaterThan(100);
  await page.keyboard.press("Escape");
  await rowOf(page, "Search").click();
  const year = await save("this year");
  expect(year.width).toBe(720 + 2 * 16);
  expect(Math.min(...year.drawn)).toBeGreaterThan(100);
});
