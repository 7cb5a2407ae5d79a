/** The tests of the built panel in a real browser, with the fake wire. */
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "browser",
  outputDir: ".browser",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // Long, so that a loaded machine fails no test.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    baseURL: "https://panel.test/",
    viewport: { width: 420, height: 640 },
    permissions: ["clipboard-read", "clipboard-write"],
    launchOptions: {
      executablePath: process.env.UP_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    },
  },
});
