import { expect, it } from "vitest";

it("loads the charts where the browser has no usable language", async () => {
  Object.defineProperty(navigator, "language", { value: "C", configurable: true });
  await expect(import("../src/chart/plots")).resolves.toHaveProperty("Plots");
});
