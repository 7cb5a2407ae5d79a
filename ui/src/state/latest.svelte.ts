/** A value that is requested repeatedly, of which only the newest request counts. */
import { messageOf } from "../wire/requests";

/** After this many milliseconds without an answer a sign of progress is shown. */
const PATIENCE = 100;

export class Latest<T> {
  /** The newest answer. It stays while a new one is requested. */
  value = $state.raw<T | null>(null);
  /** Why the newest request failed. */
  error = $state<string | null>(null);
  /** True if the answer takes so long that a sign of progress is shown. */
  slow = $state(false);
  /** True while the newest request has no answer. */
  pending = false;
  #turn = 0;
  /** Sends the newest request. */
  #ask: (() => Promise<T>) | null = null;

  /** Sends a request. Answers to older requests are dropped. */
  async load(ask: () => Promise<T>): Promise<void> {
    this.#ask = ask;
    this.#turn += 1;
    const turn = this.#turn;
    this.pending = true;
    const late = setTimeout(() => {
      if (turn === this.#turn) this.slow = true;
    }, PATIENCE);
    try {
      const value = await ask();
      if (turn !== this.#turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.error = messageOf(error);
    } finally {
      clearTimeout(late);
      if (turn === this.#turn) this.pending = this.slow = false;
    }
  }

  /** Sends the newest request once more, unless it is under way. */
  async again(): Promise<void> {
    if (this.#ask !== null && !this.pending) await this.load(this.#ask);
  }

  /** Drops the answer, and that of a request under way. */
  clear(): void {
    this.#turn += 1;
    this.#ask = null;
    this.value = null;
    this.error = null;
    this.pending = this.slow = false;
  }
}
