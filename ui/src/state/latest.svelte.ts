/** An answer that is asked for again and again, of which only the newest question counts. */
import { messageOf } from "../wire/requests";

/** After so many milliseconds without an answer a sign of progress is due. */
const PATIENCE = 100;

export class Latest<T> {
  /** The newest answer; stays while it is asked for again. */
  value = $state.raw<T | null>(null);
  /** Why the newest question has no answer. */
  error = $state<string | null>(null);
  /** True when an answer is late enough to say so. */
  slow = $state(false);
  /** True while the newest question has no answer yet. */
  asking = false;
  #turn = 0;

  /** Asks; an answer to an older question is dropped. */
  async load(ask: () => Promise<T>): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.asking = true;
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
      if (turn === this.#turn) this.asking = this.slow = false;
    }
  }

  /** Forgets the answer and whatever is still being asked. */
  clear(): void {
    this.#turn += 1;
    this.value = null;
    this.error = null;
    this.asking = this.slow = false;
  }
}
