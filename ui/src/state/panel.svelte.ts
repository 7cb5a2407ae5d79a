/** The state of the panel, and the requests that it sends. This module draws nothing. */
import {
  checkNow,
  hide,
  messageOf,
  openConfig,
  pin,
  startAtLogin,
  ready,
  requestTree,
  setMood,
  sendControl,
  zoom,
} from "../wire/requests";
import type {
  Control,
  Header,
  PastIncident,
  Mood,
  PanelEvent,
  Row,
  Tree,
  Wire,
  ZoomStep,
} from "../wire/wire";
import { beatDate } from "./beatDate";
import { EVERYTHING, spanAround, targetAt } from "./incidents";
import type { IncidentTarget } from "./incidents";
import type { Span } from "./spans";
import { TreeState } from "./treeState.svelte";
import { Uptimes } from "./uptimes.svelte";

/** How long a message stays, in milliseconds. */
const MESSAGE_STAYS = 6000;

/** What the panel shows beside the details. */
export type Page = "tree" | "incidents" | "overview";

export interface Message {
  text: string;
  bad: boolean;
}

/** What the details of a source can request. */
export interface SourceActions {
  /** Checks the source of a path and everything below it; `null` checks all sources. */
  check(path: string | null): Promise<void>;
  /** Snoozes, acknowledges or pauses a source, or undoes that. False if it was refused. */
  control(control: Control): Promise<boolean>;
  /** Selects a path, wherever it is hidden, and opens its details. */
  show(path: string): void;
  /** Lists the incidents of a path and all below it around a time, and marks those of that time. */
  showIncidentsAt(path: string, at: Span): void;
  /** Lists the incidents of a row at the time of a beat; `null` for its newest ones. */
  showBeat(row: Row, back: number | null): Promise<void>;
}

export class Panel implements SourceActions {
  readonly tree = new TreeState();
  readonly uptimes: Uptimes;
  header = $state.raw<Header | null>(null);
  page = $state<Page>("tree");
  /** The incidents that the page of incidents lists. */
  incidents = $state.raw<IncidentTarget>(EVERYTHING);
  /** The span that the history of the selected path must show next. */
  wantedSpan = $state.raw<Span | null>(null);
  /** True while the details cover a narrow window. */
  open = $state(false);
  /** The reason why no tree could be loaded at all. */
  fatal = $state<string | null>(null);
  message = $state.raw<Message | null>(null);
  /** True from the request for a check until it is answered. */
  requestingCheck = $state(false);
  /** When the current round of checks was first seen, in Unix seconds. */
  round = $state<number | null>(null);
  /** True if the field for a new note must get the focus. */
  noteWanted = $state(false);

  checking = $derived(this.requestingCheck || (this.header?.checking ?? false));

  readonly wire: Wire;
  #refreshing: Promise<void> | null = null;
  #messages = 0;
  /** What the shell wanted to be shown before the first tree was loaded. */
  #early: (() => void) | null = null;

  constructor(wire: Wire) {
    this.wire = wire;
    this.uptimes = new Uptimes(wire);
  }

  /** Starts to listen and loads the tree. Resolves to a function that ends the listening. */
  async start(): Promise<() => void> {
    try {
      const stop = await this.wire.listen((event) => this.#handle(event));
      await this.refresh();
      return stop;
    } catch (error) {
      this.fatal = messageOf(error);
      return () => undefined;
    }
  }

  /** Loads the whole tree. Calls during a load share its result. */
  refresh(): Promise<void> {
    this.#refreshing ??= requestTree(this.wire)
      .then((tree) => this.#replace(tree))
      .catch((error: unknown) => {
        if (this.header === null) this.fatal = messageOf(error);
        else this.say(messageOf(error), true);
      })
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #handle(event: PanelEvent): void {
    switch (event.event) {
      case "tree":
        this.#replace(event.value);
        break;
      case "rows":
        if (this.tree.apply(event.value)) this.#setHeader(event.value.header);
        else void this.refresh();
        break;
      case "show":
        this.show(event.value);
        break;
      case "incidents":
        this.showIncidentsAt(event.value.path, event.value);
        break;
      case "note":
        this.open = true;
        this.noteWanted = true;
        break;
    }
  }

  #replace(tree: Tree): void {
    if (!this.tree.replace(tree)) this.open = false;
    this.fatal = null;
    this.#setHeader(tree.header);
    this.#early?.();
    this.#early = null;
  }

  #setHeader(header: Header): void {
    if (!header.checking) this.round = null;
    else this.round ??= Date.now() / 1000;
    this.header = header;
  }

  show(path: string): void {
    if (this.tree.row(path) === null) {
      if (this.header === null) this.#early = (): void => this.show(path);
      return;
    }
    this.open = true;
    this.tree.reveal(path);
  }

  /** Opens the history of a path, or says that it is not configured. */
  showPath(path: string): void {
    if (this.tree.row(path) !== null) this.show(path);
    else this.say(`${path} is not in the configuration any more.`, false);
  }

  /** Opens the history of an incident's source at the time of the incident. */
  showIncident(incident: PastIncident): void {
    if (this.tree.row(incident.path) !== null) {
      this.wantedSpan = spanAround(incident, Date.now() / 1000);
    }
    this.showPath(incident.path);
  }

  /** Turns to the page of incidents. */
  showIncidents(target: IncidentTarget): void {
    if (this.header === null) {
      this.#early = (): void => this.showIncidents(target);
      return;
    }
    [this.page, this.open, this.incidents] = ["incidents", false, target];
    if (target.below !== null && this.tree.row(target.below) !== null) {
      this.tree.reveal(target.below);
    }
  }

  showIncidentsAt(path: string, { from, to }: Span): void {
    this.showIncidents(targetAt(path, { from, to }, Date.now() / 1000));
  }

  async showBeat(row: Row, back: number | null): Promise<void> {
    const date = back === null ? null : await beatDate(this.wire, row, back);
    if (date === null) this.showIncidents({ below: row.path, at: null, span: null });
    else this.showIncidentsAt(row.path, { from: date, to: date });
  }

  async check(path: string | null): Promise<void> {
    if (path === null) this.requestingCheck = true;
    await this.#try(checkNow(this.wire, path));
    this.requestingCheck = false;
  }

  control(control: Control): Promise<boolean> {
    return this.#try(sendControl(this.wire, control));
  }

  /** Sets the mood and loads the tree in its words. */
  async setMood(mood: Mood): Promise<void> {
    await this.#try(setMood(this.wire, mood));
    await this.refresh();
  }

  /** Says that something is drawn, so that the window can be shown. */
  async ready(): Promise<void> {
    performance.mark("drawn");
    // A window that is not shown by this is shown a moment later.
    await ready(this.wire).catch(() => undefined);
  }

  /** Makes the text larger or smaller. */
  zoom(step: ZoomStep): Promise<boolean> {
    return this.#try(zoom(this.wire, step));
  }

  /** Keeps the panel on the screen when it loses the focus, or no longer. */
  async pin(pinned: boolean): Promise<void> {
    if (await this.#try(pin(this.wire, pinned))) await this.refresh();
  }

  /** Starts Up when the person logs in, or no longer. */
  async startAtLogin(on: boolean): Promise<void> {
    if (!(await this.#try(startAtLogin(this.wire, on)))) return;
    this.say(on ? "Up starts when you log in." : "Up no longer starts when you log in.", false);
    await this.refresh();
  }

  openConfig(): Promise<boolean> {
    // An editor takes its time to appear.
    this.say(`Opening ${this.header?.config ?? "up.toml"}…`, false);
    return this.#try(openConfig(this.wire));
  }

  hide(): Promise<boolean> {
    return this.#try(hide(this.wire));
  }

  /** Shows a message for a while. */
  say(text: string, bad: boolean): void {
    this.message = { text, bad };
    this.#messages += 1;
    const turn = this.#messages;
    setTimeout(() => {
      if (turn === this.#messages) this.message = null;
    }, MESSAGE_STAYS);
  }

  /** Waits for a request. False if it failed, which is then shown as a message. */
  async #try(done: Promise<void>): Promise<boolean> {
    try {
      await done;
      return true;
    } catch (error) {
      this.say(messageOf(error), true);
      return false;
    }
  }
}
