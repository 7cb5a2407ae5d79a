/** A simulated world: a tree of sources whose results depend on the clock. */
import type { Control, Header, Mood, Row, SourceView, Timing } from "../wire";
import { isUp } from "../../state/status";
import { Controls } from "./controls";
import { hash, stream } from "./random";
import type { Scenario, Spec } from "./scenarios";

const WORDS: Readonly<Record<Mood, readonly string[]>> = {
  realist: ["DOWN", "MOSTLY DOWN", "HALF UP", "MOSTLY UP", "UP"],
  optimist: ["HANG IN THERE!", "SLIGHTLY UP", "HALF UP", "MOSTLY UP", "UP"],
  pessimist: ["GET TO WORK!", "MOSTLY DOWN", "HALF DOWN", "SLIGHTLY DOWN", "WHATEVER"],
};

const BEATS = 30;

export class World {
  readonly scenario: Scenario;
  rows: Row[] = [];
  mood: Mood = "realist";
  checking = false;
  readonly controls = new Controls();
  readonly #specs: Spec[] = [];
  readonly #random: () => number;

  constructor(scenario: Scenario, now: number, answered = true, seed = 7) {
    this.scenario = scenario;
    this.#random = stream(seed);
    if (scenario.root !== null) this.#add(scenario.root, null, "", 0);
    if (answered) this.#remember(now);
  }

  #add(
    spec: Spec,
    parent: number | null,
    above: string,
    depth: number,
    tags: readonly string[] = [],
  ): number {
    const id = this.rows.length;
    const row: Row = {
      id,
      path: `${above}/${spec.name}`,
      name: spec.name,
      kind: spec.kind,
      depth,
      parent,
      below: 0,
      counts: spec.kind !== "tree" && spec.kind !== "part",
      status: null,
      level: null,
      word: spec.hold?.toUpperCase() ?? "UNKNOWN",
      percent: null,
      hold: spec.hold ?? null,
      standing: null,
      waiting: spec.hold === undefined,
      date: null,
      duration: null,
      cause: null,
      since: null,
      since_at_least: false,
      flapping: null,
      beats: [],
      tags: [...tags, ...(spec.tags ?? [])],
    };
    this.rows.push(row);
    this.#specs.push(spec);
    let below = 0;
    for (const child of spec.children ?? []) {
      below += 1 + this.#add(child, id, row.path, depth + 1, row.tags);
    }
    this.rows[id] = { ...row, below };
    return below;
  }

  /** Fills in a history, as if it had been watched for a while. */
  #remember(now: number): void {
    for (let beat = BEATS; beat > 0; beat -= 1) {
      for (const row of this.rows) if (row.below === 0) this.#answer(row.id, now - beat * 30);
      this.#fold();
    }
  }

  /** Gives one leaf a new result. */
  #answer(id: number, now: number): void {
    const [row, spec] = [this.rows[id], this.#specs[id]];
    if (row === undefined || spec === undefined || spec.hold !== undefined) return;
    if (row.hold === "paused") return;
    const usual = spec.usual === undefined ? 1 : spec.usual;
    const odd = this.#random() < (spec.unsteady ?? 0);
    const status = odd ? (usual === 1 ? 0 : 1) : usual;
    const duration = (spec.takes ?? 0.1) * (0.7 + 0.6 * this.#random() ** 2);
    const fallback = { code: "timeout", text: "no whole answer within 10 s" };
    this.#set(id, status, now, duration, status === 1 ? null : (spec.cause ?? fallback));
  }

  #set(
    id: number,
    status: number | null,
    date: number,
    duration: number,
    cause: Row["cause"],
  ): void {
    const row = this.rows[id];
    if (row === undefined) return;
    const level = status === null ? null : Math.floor(status * 4);
    const same = level === row.level && !row.waiting;
    this.rows[id] = {
      ...row,
      status,
      level,
      word: level === null ? "UNKNOWN" : (WORDS[this.mood][level] ?? ""),
      percent:
        status !== null && status > 0 && status < 1
          ? `${Math.round(status * 10_000) / 100}%`
          : null,
      waiting: false,
      date,
      duration,
      cause,
      // A status that never changed has lasted longer than the beats show.
      since: same ? row.since : row.waiting ? date - 86_400 * 3 * hash(row.path) : date,
      since_at_least: same ? row.since_at_least : row.waiting,
      beats: [...row.beats, level].slice(-BEATS),
    };
  }

  /** Computes the statuses of trees from their children, and returns which rows changed. */
  #fold(): Set<number> {
    const changed = new Set<number>();
    for (let id = this.rows.length - 1; id >= 0; id -= 1) {
      const row = this.rows[id];
      if (row === undefined || row.below === 0) continue;
      const [sum, known, date, duration] = this.#sumOf(row);
      if (date === null || (date === row.date && known > 0)) continue;
      this.#set(id, known === 0 ? null : sum / known, date, duration, null);
      changed.add(id);
    }
    return changed;
  }

  #sumOf(tree: Row): [number, number, number | null, number] {
    let [sum, known, duration] = [0, 0, 0];
    let date: number | null = null;
    for (let id = tree.id + 1; id <= tree.id + tree.below; id += 1) {
      const child = this.rows[id];
      if (child?.parent !== tree.id) continue;
      if (child.status !== null) [sum, known] = [sum + child.status, known + 1];
      if (child.date !== null) date = Math.max(date ?? 0, child.date);
      duration = Math.max(duration, child.duration ?? 0);
    }
    return [sum, known, date, duration];
  }

  /** Gives some leaves a new result, and returns the rows that changed. */
  tick(now: number, share: number, under: string | null = null): Row[] {
    const changed = new Set<number>();
    for (const row of this.rows) {
      if (row.below > 0 || (under !== null && !`${row.path}/`.startsWith(`${under}/`))) continue;
      if (!row.waiting && this.#random() > share) continue;
      if (row.waiting && share < 1 && this.#random() > 0.25) continue;
      this.#answer(row.id, now);
      changed.add(row.id);
    }
    for (const id of this.#fold()) changed.add(id);
    return [...changed].flatMap((id) => this.rows[id] ?? []);
  }

  control(control: Control, now: number): void {
    this.controls.take(control, now);
    this.rows = this.rows.map((row) => this.#stand(row));
  }

  #stand(row: Row): Row {
    const standing = this.controls.standing(row);
    const paused = standing !== null && standing.paused !== null;
    const known = row.level === null ? "UNKNOWN" : (WORDS[this.mood][row.level] ?? "");
    if (paused) return { ...row, standing, hold: "paused", word: "PAUSED", level: null };
    if (row.hold !== "paused" || this.#specs[row.id]?.hold === "paused")
      return { ...row, standing };
    return { ...row, standing, hold: null, word: known };
  }

  setMood(mood: Mood): void {
    this.mood = mood;
    this.rows = this.rows.map((row) =>
      row.level === null ? row : { ...row, word: WORDS[mood][row.level] ?? "" },
    );
  }

  /** True if the panel stays when it loses the focus. */
  pinned = false;

  /** True if Up starts when the person logs in. */
  startsAtLogin = false;

  header(): Header {
    const sources = this.rows.filter((row) => row.counts);
    return {
      mood: this.mood,
      sources: sources.length,
      down: sources.filter((row) => row.level !== null && !isUp(row.level)).length,
      unknown: sources.filter((row) => row.level === null).length,
      problems: this.scenario.problems,
      config: this.scenario.config,
      place: this.scenario.config ?? "/home/ada/.config/up/up.toml",
      checking: this.checking,
      muted: this.controls.muted,
      pinned: this.pinned,
      startsAtLogin: this.startsAtLogin,
    };
  }

  /** True if the source of a path flaps. */
  flaps(path: string): boolean {
    const row = this.rows.find((row) => row.path === path);
    return row !== undefined && this.#specs[row.id]?.flaps === true;
  }

  source(path: string): SourceView | null {
    const row = this.rows.find((row) => row.path === path);
    const spec = row === undefined ? undefined : this.#specs[row.id];
    if (row === undefined || spec === undefined) return null;
    return {
      row,
      target: spec.target ?? null,
      address: spec.target?.startsWith("http") === true ? spec.target : null,
      program: spec.program ?? null,
      interval: 30,
      timeout: 10,
      timing: spec.kind === "http" && row.duration !== null ? timingOf(path, row.duration) : [],
      facts: row.waiting ? [] : (spec.facts ?? []),
    };
  }
}

function timingOf(path: string, duration: number): Timing[] {
  const shares: [string, number][] = [
    ["resolve", 0.04 + 0.1 * hash(`${path}r`)],
    ["connect", 0.1 + 0.1 * hash(`${path}c`)],
    ["tls", 0.15 + 0.15 * hash(`${path}t`)],
    ["first_byte", 0.3 + 0.4 * hash(`${path}f`)],
    ["body", 0.02 + 0.1 * hash(`${path}b`)],
  ];
  const whole = shares.reduce((sum, [, share]) => sum + share, 0);
  return shares.map(([part, share]) => ({ part, seconds: (share / whole) * duration }));
}
