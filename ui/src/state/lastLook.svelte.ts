/** When a person last looked at all incidents. What began or ended since is new to them. */
import { recall, remember } from "./memory";

const LOOKED = "looked";

function recalled(): number | null {
  const value = recall(LOOKED);
  return typeof value === "number" ? value : null;
}

export class LastLook {
  /** Before the look that goes on, Unix seconds; `null` the first time. */
  date = $state(recalled());
  #isVisible = !document.hidden;

  /** Stores that the person looks now. */
  keep(): void {
    if (this.#isVisible) remember(LOOKED, Date.now() / 1000);
  }

  /**
   * Stores when the look ends: the page is left, hidden or destroyed. The next look begins when it is
   * visible again. `hasLooked` tells whether there was anything to see. An effect.
   */
  follow(hasLooked: () => boolean): () => void {
    const leave = (): void => {
      if (hasLooked()) this.keep();
      this.#isVisible = false;
    };
    const turn = (): void => {
      if (document.hidden) {
        leave();
      } else {
        this.#isVisible = true;
        this.date = recalled();
      }
    };
    document.addEventListener("visibilitychange", turn);
    window.addEventListener("pagehide", leave);
    return () => {
      document.removeEventListener("visibilitychange", turn);
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }
}
