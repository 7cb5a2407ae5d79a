import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Vitest would otherwise load the server build of Svelte, which cannot mount anything.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    // The oldest WebKit that Tauri meets on Linux and macOS today.
    target: "safari16",
    // The polyfill makes requests, which the content security policy refuses. A single chunk does
    // not need it.
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  server: { port: 5199, strictPort: true },
  test: {
    environment: "happy-dom",
    // No test is about time. A busy machine needs more than the usual five seconds for long ones.
    testTimeout: 30_000,
    include: ["test/**/*.test.ts"],
  },
}));
