/** A wire without a program behind it: a simulated world for development, tests and pictures. */
import type {
  PanelResponse,
  PanelEvent,
  HistoryView,
  Note,
  NoteEdit,
  PanelRequest,
  Tree,
  Wire,
  WorkUnderWay,
} from "./wire";
import { longViewOf, overviewOf, uptimesOf } from "./fake/longView";
import { metricsOf } from "./fake/metrics";
import { bandOf } from "./fake/parts";
import { isWanted, pageOf, pastOf } from "./fake/past";
import { SCENARIOS } from "./fake/scenarios";
import type { Scenario } from "./fake/scenarios";
import { World } from "./fake/world";

/** So many sources of a large tree have incidents: to simulate 10,000 histories takes a minute. */
const MOST_SIMULATED = 300;

const TICK = 1000;

export interface FakeOptions {
  /** The name of a scenario. */
  scenario?: string;
  /** The delay of every answer in milliseconds. */
  delay?: number;
  /** False for a world that changes only when it is told to. */
  lively?: boolean;
  now?: () => number;
}

export class FakeWire implements Wire {
  readonly world: World;
  readonly asked: PanelRequest[] = [];
  readonly notes: Note[];
  /** What was done with notes since the page was loaded. */
  readonly noteEdits: NoteEdit[] = [];
  /** The work on the history that is under way. */
  work: WorkUnderWay[] = [];
  /** The requests that fail, as if no history answered in time. */
  readonly failing = new Set<PanelRequest["ask"]>();
  /** The last picture that was saved, in Base64. */
  picture: string | null = null;
  #handlers = new Set<(event: PanelEvent) => void>();
  #shape = 1;
  readonly #scenario: Scenario;
  readonly #delay: number;
  readonly #now: () => number;

  constructor({ scenario = "busy", delay = 30, lively = true, now }: FakeOptions = {}) {
    this.#now = now ?? ((): number => Date.now() / 1000);
    this.#delay = delay;
    this.#scenario = (SCENARIOS[scenario] ?? SCENARIOS.busy)?.() ?? {
      root: null,
      problems: [],
      config: null,
      store: "",
      fallback: null,
    };
    this.world = new World(this.#scenario, this.#now(), scenario !== "waiting");
    this.notes = [
      { message: "Deployed shop 4.12", date: this.#now() - 5 * 3600, path: null },
      { message: "Moved the database to the new host", date: this.#now() - 9.5 * 3600, path: null },
      {
        message: "Switched the office line to fibre",
        date: this.#now() - 3.2 * 86_400,
        path: null,
      },
    ];
    if (lively && scenario !== "waiting")
      setInterval(() => this.tick(Math.max(0.04, 2 / this.world.rows.length)), TICK);
  }

  async request(request: PanelRequest): Promise<PanelResponse> {
    this.asked.push(request);
    await new Promise((resolve) => setTimeout(resolve, this.#delay));
    return this.failing.has(request.ask)
      ? { answer: "failed", value: "No history answered within 20 s." }
      : this.#answer(request);
  }

  listen(handler: (event: PanelEvent) => void): Promise<() => void> {
    this.#handlers.add(handler);
    return Promise.resolve(() => this.#handlers.delete(handler));
  }

  /** Sends an event to all listeners. */
  emit(event: PanelEvent): void {
    for (const handler of this.#handlers) handler(event);
  }

  /** Gives a share of the leaves a new result. */
  tick(share: number, under: string | null = null): void {
    const rows = this.world.tick(this.#now(), share, under);
    this.emit({
      event: "rows",
      value: { shape: this.#shape, rows, header: this.world.header() },
    });
  }

  tree(): Tree {
    return { shape: this.#shape, header: this.world.header(), rows: this.world.rows };
  }

  #answer(request: PanelRequest): PanelResponse {
    switch (request.ask) {
      case "tree":
        return { answer: "tree", value: this.tree() };
      case "source": {
        const value = this.world.source(request.path);
        return value === null
          ? { answer: "failed", value: `${request.path} is no source any more` }
          : { answer: "source", value };
      }
      case "history":
        return { answer: "history", value: this.#history(request.path, request.from, request.to) };
      case "incidents": {
        const { path, from, to, before, search } = request;
        const rows = this.world.rows.filter(
          (row) => row.below === 0 && `${row.path}/`.startsWith(`${path ?? ""}/`),
        );
        const all = rows
          .slice(0, MOST_SIMULATED)
          .flatMap((row) =>
            this.#history(row.path, from, to).incidents.filter((incident) =>
              isWanted(incident, search, row.tags, this.#now()),
            ),
          );
        return { answer: "incidents", value: pageOf(all, before) };
      }
      case "long_view":
        return {
          answer: "long_view",
          value: longViewOf(request.path, this.#now(), this.#scenario.store),
        };
      case "uptimes":
        return { answer: "uptimes", value: uptimesOf(request.paths, request.days) };
      case "bands": {
        const { paths, from, to } = request;
        return {
          answer: "bands",
          value: paths.map((path) => bandOf(this.#history(path, from, to))),
        };
      }
      case "metrics": {
        const { path, from, to } = request;
        const kind = this.world.source(path)?.row.kind ?? "";
        return { answer: "metrics", value: metricsOf(path, kind, from, to, this.#now()) };
      }
      case "export":
        return {
          answer: "saved",
          value: `/home/ada/Downloads/up ${request.path}.${request.format}`,
        };
      case "save_shown":
        return { answer: "saved", value: `/home/ada/Downloads/up.${request.format}` };
      case "save_picture":
        this.picture = request.png;
        return { answer: "saved", value: `/home/ada/Downloads/up ${request.path}.png` };
      case "overview":
        return {
          answer: "overview",
          value: overviewOf(this.world.rows, request.to - request.from, this.#scenario.store),
        };
      case "note_edits":
        return { answer: "note_edits", value: this.noteEdits };
      case "history_work":
        return { answer: "history_work", value: this.work };
      case "check_now":
        this.#check(request.path);
        return { answer: "done" };
      case "edit_notes": {
        const { removed, added } = request.edit;
        if (removed !== null) this.noteEdits.push({ removed, added: null });
        if (added !== null) this.noteEdits.push({ removed: null, added });
        return { answer: "done" };
      }
      case "control":
        this.world.control(request.control, this.#now());
        this.#shape += 1;
        this.emit({ event: "tree", value: this.tree() });
        return { answer: "done" };
      case "mood":
        this.world.setMood(request.mood);
        this.#shape += 1;
        this.emit({ event: "tree", value: this.tree() });
        return { answer: "done" };
      case "open_config":
        return this.#scenario.config === null
          ? { answer: "failed", value: "no program is known here that opens .toml files" }
          : { answer: "done" };
      case "pin":
        this.world.pinned = request.pinned;
        return { answer: "done" };
      case "start_at_login":
        this.world.startsAtLogin = request.on;
        return { answer: "done" };
      case "open":
      case "ready":
      case "zoom":
      case "hide":
        return { answer: "done" };
    }
  }

  #history(path: string, from: number, to: number): HistoryView {
    const source = this.world.source(path);
    return pastOf({
      path,
      from,
      to,
      usual: source?.row.status ?? null,
      flaps: this.world.flaps(path),
      takes: source?.row.duration ?? 0.1,
      store: this.#scenario.store,
      fallback: this.#scenario.fallback,
      notes: this.notes,
    });
  }

  /** A round of checks that takes a while: at each step, some of the leaves get their result. */
  #check(path: string | null): void {
    this.world.checking = true;
    let step = 0;
    const timer = setInterval(() => {
      step += 1;
      this.world.checking = step < 6;
      this.tick(step < 6 ? 0.4 : 1, path);
      if (step === 6) clearInterval(timer);
    }, 250);
  }
}

declare global {
  /** The fake behind the page, for whoever drives it. */
  var upFake: FakeWire | undefined;
}

/** The fake that the query of the address describes: `?fake=busy&delay=30&still`. */
export function fakeFromAddress(search: string): FakeWire {
  performance.mark("loaded");
  const asked = new URLSearchParams(search);
  const fake = new FakeWire({
    scenario: asked.get("fake") ?? "busy",
    delay: Number(asked.get("delay") ?? 30),
    lively: !asked.has("still"),
  });
  globalThis.upFake = fake;
  // What comes after this is the panel's own time.
  performance.mark("fake");
  return fake;
}
