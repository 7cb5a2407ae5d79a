/** The columns of the tree with the uptime of each row, and their figures. */
import { requestUptimes } from "../wire/requests";
import type { UptimeWindow, Wire } from "../wire/wire";
import { recall, remember } from "./memory";

/** A column that a person can choose. */
export interface UptimeColumn {
  days: number;
  label: string;
}

export const COLUMNS: readonly UptimeColumn[] = [
  { days: 1, label: "24 h" },
  { days: 7, label: "7 d" },
  { days: 30, label: "30 d" },
  { days: 90, label: "90 d" },
];

/** The key under which the days of the chosen columns are stored. */
const CHOSEN = "uptime-columns";
/** How long a figure is taken to be current, in seconds. */
const FRESH = 60;
/** The pause after the last change of the visible rows, in milliseconds. */
const PAUSE = 150;
/** The most paths of one request. */
const MOST = 100;

function recalled(): readonly number[] {
  const value = recall(CHOSEN);
  return Array.isArray(value)
    ? COLUMNS.map(({ days }) => days).filter((d) => value.includes(d))
    : [];
}

export class Uptimes {
  /** The days of the chosen columns, the shortest first. */
  days = $state.raw(recalled());
  columns = $derived(COLUMNS.filter(({ days }) => this.days.includes(days)));
  /** The figures of each path, in the order of `days`. */
  values = $state.raw<ReadonlyMap<string, readonly UptimeWindow[]>>(new Map());

  readonly #wire: Wire;
  /** When each path was last requested, in Unix seconds. */
  #asked = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Shows a column or no longer. */
  toggle(days: number): void {
    const chosen = this.days.includes(days);
    const next = COLUMNS.map((column) => column.days);
    this.days = next.filter((d) => (d === days ? !chosen : this.days.includes(d)));
    remember(CHOSEN, this.days);
    this.#asked.clear();
    this.values = new Map();
  }

  /**
   * Requests what is missing or old of the visible paths, all in one request, as soon as they have
   * not changed for a moment.
   */
  want(paths: readonly string[]): void {
    clearTimeout(this.#timer);
    if (this.days.length === 0) return;
    this.#timer = setTimeout(() => void this.#load(paths), PAUSE);
  }

  async #load(paths: readonly string[]): Promise<void> {
    const now = Date.now() / 1000;
    const old = paths.filter((path) => now - (this.#asked.get(path) ?? 0) >= FRESH);
    if (this.#busy || old.length === 0) return;
    const asked = old.slice(0, MOST);
    const days = this.days;
    for (const path of asked) this.#asked.set(path, now);
    this.#busy = true;
    try {
      const found = await requestUptimes(this.#wire, asked, days);
      if (days !== this.days) return;
      const values = new Map(this.values);
      for (const { path, windows } of found) values.set(path, windows);
      this.values = values;
    } catch {
      // The cells stay as they are. They are requested again when they are old.
    } finally {
      this.#busy = false;
    }
    // The rows may have changed meanwhile, or the columns.
    if (days !== this.days || old.length > MOST) this.want(paths);
  }
}
