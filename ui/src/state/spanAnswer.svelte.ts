/** An answer over a span up to now that a person chooses, that is remembered, and asked for again. */
import { untrack } from "svelte";

import { RANGES } from "./history";
import type { Range } from "./history";
import { Latest } from "./latest.svelte";
import { recall, remember } from "./memory";
import type { Span } from "./spans";

/** The span until a person chooses one. */
const FIRST = "7d";

/** A range that begins at a date, or so many seconds before now. */
export interface OpenRange extends Range {
  readonly since?: number;
}

export class SpanAnswer<T> extends Latest<T> {
  readonly ranges: readonly OpenRange[];
  chosen: OpenRange;
  /** The span that is asked for until a person chooses one; `null` for none. */
  fixed: Span | null;
  /** The span of the newest request. */
  asked: Span = { from: 0, to: 0 };
  readonly #name: string;
  readonly #request: (from: number, to: number) => Promise<T>;

  /**
   * `name` is that under which the choice is stored; `keys` are those of the ranges, of which `more` are
   * the last ones.
   */
  constructor(
    name: string,
    keys: readonly string[],
    request: (from: number, to: number) => Promise<T>,
    fixed: Span | null = null,
    more: readonly OpenRange[] = [],
  ) {
    super();
    this.fixed = $state.raw(fixed);
    [this.#name, this.#request] = [name, request];
    this.ranges = [...RANGES.filter(({ key }) => keys.includes(key)), ...more];
    const kept = recall(name);
    const find = (wanted: unknown): OpenRange | undefined =>
      this.ranges.find(({ key }) => key === wanted);
    const first = find(kept) ?? find(FIRST) ?? this.ranges[0];
    if (first === undefined) throw new Error(`${name} has no ranges`);
    this.chosen = $state.raw(first);
  }

  choose(key: string): void {
    this.fixed = null;
    this.chosen = this.ranges.find((range) => range.key === key) ?? this.chosen;
  }

  /** Asks now, whenever another span is chosen, and after each pause in milliseconds. An effect. */
  follow(pause: number): () => void {
    const { fixed } = this;
    const { key, seconds, since } = this.chosen;
    const ask = (): void => {
      const to = Date.now() / 1000;
      const span = fixed ?? { from: Math.min(since ?? to - seconds, to - 1), to };
      this.asked = span;
      void this.load(() => this.#request(span.from, span.to));
    };
    untrack(() => {
      if (fixed === null) remember(this.#name, key);
      ask();
    });
    const timer = setInterval(() => {
      if (!document.hidden && !this.pending) ask();
    }, pause);
    return () => clearInterval(timer);
  }
}
