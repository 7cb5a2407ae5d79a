/**
 * uPlot creates a number formatter for the browser's language while it is loaded. On a system
 * without a language WebKitGTK calls it `C`, which is no valid language, and the panel would stay
 * empty.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
}
export {};
