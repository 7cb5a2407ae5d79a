/** The picture of a history: what it has, and how large it is. */
import { expect, open, rowOf, test, withFake } from "./panel";

/** The size of a PNG file in Base64, and how many of its pixels in each of ten rows are no ground. */
interface Picture {
  width: number;
  height: number;
  drawn: number[];
}

test("the picture of a history has every chart of it", async ({ page }) => {
  await page.setViewportSize({ width: 1180, height: 760 });
  await open(page);
  await rowOf(page, "Search").click();
  await expect(page.getByRole("slider", { name: "Parts of a check over time" })).toBeVisible();
  await expect(page.locator(".scatter canvas")).toBeVisible();
  const save = page.getByRole("group", { name: "Save what is shown" });
  await save.getByRole("button", { name: "PNG: Save a picture of the charts" }).click();
  await expect(page.getByText(/^Saved as .*\.png$/)).toBeVisible();
  const png = await withFake(
    page,
    (fake) => fake.asked.flatMap((request) => (request.ask === "save_picture" ? [request] : []))[0],
    null,
  );
  const heights = await page
    .locator(".details canvas")
    .evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).height));
  // Status, duration, the parts of a check, the certificate, and the scatter.
  expect(heights).toHaveLength(5);
  const { width, height, drawn } = await page.evaluate(async (base64): Promise<Picture> => {
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
  }, png?.png ?? "");
  const sum = heights.reduce((sum, one) => sum + one, 0);
  // The title, two lines of figures, and the names of three charts take the rest.
  expect(height - sum).toBeGreaterThan(100);
  expect(height - sum).toBeLessThan(200);
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
