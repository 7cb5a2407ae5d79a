import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Vitest would otherwise load Svelte's server half, which cannot mount anything.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    // The oldest WebKit that Tauri meets on Linux and macOS today.
    target: "safari16",
    // The polyfill fetches, which the content security policy refuses; one chunk needs none.
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  server: { port: 5199, strictPort: true },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.ts"],
  },
}));
