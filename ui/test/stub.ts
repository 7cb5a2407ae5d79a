/** A wire whose answers a test determines, and a panel that uses it. */
import { flushSync, mount, unmount } from "svelte";

import { Panel } from "../src/state/panel.svelte";
import App from "../src/view/App.svelte";
import type {
  PanelResponse,
  PanelEvent,
  HistoryView,
  LongView,
  NoteEdit,
  PanelRequest,
  Tree,
  Wire,
} from "../src/wire/wire";

export const EMPTY_HISTORY: HistoryView = {
  path: "/Root",
  store: "the embedded history",
  fallback: null,
  from: 0,
  to: 86_400,
  dates: [],
  statuses: [],
  durations: [],
  causeOf: [],
  causes: [],
  uptime: null,
  watched: 86_400,
  count: 0,
  unknown: 0,
  p50: null,
  p95: null,
  p99: null,
  incidents: [],
  marks: [],
  counts: { down: 0, degraded: 0, longest: 0 },
  parts: [],
  statusCounts: [],
  durationCounts: [],
  thinned: false,
  gap: 75,
  notes: [],
  foreignNotes: [],
};

export const EMPTY_LONG_VIEW: LongView = {
  to: 86_400,
  windows: [],
  days: [],
  hours: [],
  months: [],
  store: "the embedded history",
  fallback: null,
};

export class StubWire implements Wire {
  tree: Tree;
  /** What people did with notes. */
  noteEdits: NoteEdit[] = [];
  readonly asked: PanelRequest[] = [];
  /** Answers that replace the usual ones. */
  readonly answers = new Map<PanelRequest["ask"], PanelResponse>();
  readonly #handlers = new Set<(event: PanelEvent) => void>();

  constructor(tree: Tree) {
    this.tree = tree;
  }

  request(request: PanelRequest): Promise<PanelResponse> {
    this.asked.push(request);
    return Promise.resolve(this.answers.get(request.ask) ?? this.#answer(request));
  }

  listen(handler: (event: PanelEvent) => void): Promise<() => void> {
    this.#handlers.add(handler);
    return Promise.resolve(() => this.#handlers.delete(handler));
  }

  /** Sends an event, and lets the panel draw. */
  emit(event: PanelEvent): void {
    for (const handler of this.#handlers) handler(event);
    flushSync();
  }

  count(ask: PanelRequest["ask"]): number {
    return this.asked.filter((request) => request.ask === ask).length;
  }

  #answer(request: PanelRequest): PanelResponse {
    if (request.ask === "tree") return { answer: "tree", value: this.tree };
    if (request.ask === "history") return { answer: "history", value: EMPTY_HISTORY };
    if (request.ask === "incidents") {
      return {
        answer: "incidents",
        value: { incidents: [], more: 0, next: null, searched: null, fallbacks: [] },
      };
    }
    if (request.ask === "long_view") return { answer: "long_view", value: EMPTY_LONG_VIEW };
    if (request.ask === "overview") {
      return { answer: "overview", value: { paths: [], store: "", fallback: null } };
    }
    if (request.ask === "uptimes") {
      const windows = request.days.map((days) => {
        const seconds = days * 86_400;
        return { seconds, uptime: 0.5, known: seconds, watched: seconds };
      });
      const value = request.paths.map((path) => ({ path, windows }));
      return { answer: "uptimes", value };
    }
    if (request.ask === "metrics") return { answer: "metrics", value: [] };
    if (request.ask === "bands") return { answer: "bands", value: [] };
    if (["export", "save_picture", "save_shown"].includes(request.ask)) {
      return { answer: "saved", value: "/home/ada/Downloads/up" };
    }
    if (request.ask === "history_work") return { answer: "history_work", value: [] };
    if (request.ask === "note_edits") return { answer: "note_edits", value: this.noteEdits };
    if (request.ask !== "source") return { answer: "done" };
    const row = this.tree.rows.find(({ path }) => path === request.path);
    if (row === undefined) return { answer: "failed", value: "no such source" };
    const value = {
      row,
      target: null,
      address: null,
      program: null,
      interval: 30,
      timeout: 10,
      timing: [],
      facts: [],
    };
    return { answer: "source", value };
  }
}

/** Waits until all pending answers were handled. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  flushSync();
}

export interface Shown {
  panel: Panel;
  wire: StubWire;
  end: () => void;
}

/** Shows the whole panel in the document, after its first load. */
export async function show(wire: StubWire): Promise<Shown> {
  localStorage.clear();
  document.body.innerHTML = "";
  const panel = new Panel(wire);
  const app = mount(App, { target: document.body, props: { panel } });
  await settle();
  return { panel, wire, end: () => void unmount(app) };
}

export function all(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)];
}

export function one(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** The names of the rows in the document, from top to bottom. */
export function names(): string[] {
  return all('[role="treeitem"]').map((item) => item.querySelector(".name")?.textContent ?? "");
}

/** The name of the row that has the focus. */
export function focused(): string | null {
  const element = document.activeElement?.closest('[role="treeitem"]');
  return element?.querySelector(".name")?.textContent ?? null;
}

/** Presses a key on the focused element. */
export async function press(key: string): Promise<void> {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await settle();
}

/** Makes the window as wide as that many pixels. */
export function resize(width: number): void {
  const view = window as unknown as {
    happyDOM: { setViewport: (to: { width: number }) => void };
  };
  view.happyDOM.setViewport({ width });
}
