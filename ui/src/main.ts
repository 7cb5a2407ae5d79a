/** Starts the panel with the wire of the environment. */
import { mount } from "svelte";

import "uplot/dist/uPlot.min.css";
import "./app.css";
import "./contrast.css";

import { Panel } from "./state/panel.svelte";
import App from "./view/App.svelte";
import { inTauri, tauriWire } from "./wire/tauri";
import type { Wire } from "./wire/wire";

async function wire(): Promise<Wire> {
  // The build drops this branch, and the fake with it, from the released panel.
  if ((import.meta.env.DEV || import.meta.env.MODE === "fake") && !inTauri()) {
    const { fakeFromAddress } = await import("./wire/fake");
    return fakeFromAddress(location.search);
  }
  return tauriWire;
}

// The shell sets the attribute where the web view does not know what the system wants.
const contrast = matchMedia("(prefers-contrast: more)");
if (contrast.matches) document.documentElement.dataset.contrast = "more";

document.addEventListener(
  "visibilitychange",
  () => {
    if (!document.hidden) performance.mark("shown");
  },
  { once: true },
);

const target = document.getElementById("app");
if (target !== null) {
  void wire().then((wire) => {
    target.replaceChildren();
    mount(App, { target, props: { panel: new Panel(wire) } });
  });
}
