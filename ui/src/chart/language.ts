/**
 * uPlot makes a number formatter of the browser's language while it is loaded, and WebKitGTK calls
 * the language of a system without one `C`, which is none: then nothing at all would be shown.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
}
export {};
