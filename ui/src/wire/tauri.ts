/** The wire to the desktop shell. */
import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { PanelResponse, PanelEvent, Wire } from "./wire";

/** The name of the only event; `up_wire::EVENT`. */
const EVENT = "up";

/** True inside the desktop application. */
export const inTauri: () => boolean = isTauri;

export const tauriWire: Wire = {
  request: (request) => invoke<PanelResponse>("request", { request }),
  listen: (handler) => listen<PanelEvent>(EVENT, ({ payload }) => handler(payload)),
};
