/** The measurements of the built panel in a real browser: one after the other, and each once. */
import { defineConfig } from "@playwright/test";

import base from "./playwright.config";

export default defineConfig({
  ...base,
  testMatch: "*.bench.ts",
  workers: 1,
  fullyParallel: false,
  timeout: 600_000,
});
