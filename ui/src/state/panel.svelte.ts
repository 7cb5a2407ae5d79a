/** What the panel knows and does. Draws nothing. */
import { askTree, checkNow, hide, messageOf, openConfig, setMood, steer } from "../wire/ask";
import type { Control, PanelEvent, Header, Mood, Row, Tree, Wire } from "../wire/wire";
import { above, applyRows, closedAtFirst, isFiltering, layOut } from "./forest";
import { recallPaths, remember } from "./memory";

const CLOSED = "closed";
/** How long a message stays, in milliseconds. */
const MESSAGE_STAYS = 6000;

export interface Message {
  text: string;
  bad: boolean;
}

export class Panel {
  header = $state.raw<Header | null>(null);
  rows = $state.raw<readonly Row[]>([]);
  /** Paths of the trees that are closed. */
  closed = $state.raw<ReadonlySet<string>>(new Set());
  text = $state("");
  notUp = $state(false);
  /** The path that the keyboard is on and the details are of. */
  selected = $state<string | null>(null);
  /** True while the details cover a narrow window. */
  open = $state(false);
  /** Why there is nothing to show at all. */
  fatal = $state<string | null>(null);
  message = $state.raw<Message | null>(null);
  /** True from asking for a check until it is taken up. */
  asking = $state(false);
  /** When the round of checks under way was first seen, Unix seconds. */
  round = $state<number | null>(null);
  /** True when the cursor is wanted where a note is written. */
  noteWanted = $state(false);
  /** Counts up when the selected row should be brought into view. */
  reveals = $state(0);

  lines = $derived(layOut(this.rows, this.closed, { text: this.text, notUp: this.notUp }));
  filtering = $derived(isFiltering({ text: this.text, notUp: this.notUp }));
  root = $derived(this.rows[0] ?? null);
  checking = $derived(this.asking || (this.header?.checking ?? false));

  readonly wire: Wire;
  #shape = -1;
  #ids = new Map<string, number>();
  #asked: Promise<void> | null = null;
  #messages = 0;
  /** A path to show that was told of before there was a tree. */
  #early: string | null = null;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** The row of a path, as it is now. */
  row(path: string | null): Row | null {
    const id = path === null ? undefined : this.#ids.get(path);
    return id === undefined ? null : (this.rows[id] ?? null);
  }

  /** Starts to listen, then asks for the tree; resolves to what ends the listening. */
  async start(): Promise<() => void> {
    try {
      const stop = await this.wire.listen((event) => this.#hear(event));
      await this.refresh();
      return stop;
    } catch (error) {
      this.fatal = messageOf(error);
      return () => undefined;
    }
  }

  /** Asks for the whole tree, once at a time. */
  refresh(): Promise<void> {
    this.#asked ??= askTree(this.wire)
      .then((tree) => this.#plant(tree))
      .catch((error: unknown) => {
        if (this.header === null) this.fatal = messageOf(error);
        else this.say(messageOf(error), true);
      })
      .finally(() => (this.#asked = null));
    return this.#asked;
  }

  #hear(event: PanelEvent): void {
    switch (event.event) {
      case "tree":
        this.#plant(event.value);
        break;
      case "rows": {
        const rows = applyRows(this.rows, this.#shape, event.value);
        if (rows === null) {
          void this.refresh();
          break;
        }
        this.rows = rows;
        this.#head(event.value.header);
        break;
      }
      case "show":
        this.show(event.value);
        break;
      case "note":
        this.open = true;
        this.noteWanted = true;
        break;
    }
  }

  /** A new tree: what is selected, closed and filtered stays, by path. */
  #plant(tree: Tree): void {
    const first = this.#shape === -1;
    if (tree.shape !== this.#shape || first) {
      this.#ids = new Map(tree.rows.map((row) => [row.path, row.id]));
    }
    if (first) this.closed = recallPaths(CLOSED) ?? closedAtFirst(tree.rows);
    this.#shape = tree.shape;
    this.rows = tree.rows;
    this.fatal = null;
    this.#head(tree.header);
    if (this.row(this.selected) === null) {
      this.selected = tree.rows[0]?.path ?? null;
      this.open = false;
    }
    if (this.#early !== null) this.show(this.#early);
    this.#early = null;
  }

  #head(header: Header): void {
    if (!header.checking) this.round = null;
    else this.round ??= Date.now() / 1000;
    this.header = header;
  }

  /** Selects a path and brings it into view. */
  select(path: string): void {
    this.selected = path;
    this.reveals += 1;
  }

  /** Selects a path wherever it is hidden, and opens its details. */
  show(path: string): void {
    if (this.row(path) === null) {
      if (this.header === null) this.#early = path;
      return;
    }
    const closed = new Set(this.closed);
    for (const tree of above(path)) closed.delete(tree);
    this.#close(closed);
    if (!this.lines.some((line) => line.row.path === path)) this.clearFilter();
    this.open = true;
    this.select(path);
  }

  /** Opens or closes trees. */
  expand(paths: Iterable<string>, open: boolean): void {
    const closed = new Set(this.closed);
    for (const path of paths) {
      if (open) closed.delete(path);
      else closed.add(path);
    }
    this.#close(closed);
  }

  #close(closed: ReadonlySet<string>): void {
    this.closed = closed;
    remember(CLOSED, [...closed]);
  }

  clearFilter(): void {
    this.text = "";
    this.notUp = false;
  }

  /** Checks everything, or what is at and below a path. */
  async check(path: string | null): Promise<void> {
    if (path === null) this.asking = true;
    await this.#try(checkNow(this.wire, path));
    this.asking = false;
  }

  /** Snoozes, acknowledges, pauses, mutes, or undoes that. */
  control(control: Control): Promise<boolean> {
    return this.#try(steer(this.wire, control));
  }

  mood(mood: Mood): Promise<boolean> {
    return this.#try(setMood(this.wire, mood));
  }

  openConfig(): Promise<boolean> {
    // An editor takes its time to appear.
    this.say(`Opening ${this.header?.config ?? "up.toml"}…`, false);
    return this.#try(openConfig(this.wire));
  }

  hide(): Promise<boolean> {
    return this.#try(hide(this.wire));
  }

  /** Says something for a while. */
  say(text: string, bad: boolean): void {
    this.message = { text, bad };
    this.#messages += 1;
    const turn = this.#messages;
    setTimeout(() => {
      if (turn === this.#messages) this.message = null;
    }, MESSAGE_STAYS);
  }

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
