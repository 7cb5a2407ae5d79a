/** The width of the labels beside the charts of a view, which all have the same, so that they stand in line. */
import { untrack } from "svelte";

/** The least width, and the steps in which it grows, in pixels. */
const [LEAST, STEP] = [52, 4];

export class AxisRoom {
  /** In pixels. */
  width = $state(LEAST);
  readonly #needs = new Map<object, number>();

  /** A chart tells how wide its widest label is, and gets the width that all charts have. */
  need(chart: object, width: number): number {
    this.#needs.set(chart, width);
    return this.#fit();
  }

  /** A chart is gone. */
  forget(chart: object): void {
    this.#needs.delete(chart);
    this.#fit();
  }

  #fit(): number {
    const widest = Math.max(LEAST, ...this.#needs.values());
    const fitting = Math.ceil(widest / STEP) * STEP;
    // The charts are drawn within effects, which must not depend on what they write.
    untrack(() => {
      if (fitting !== this.width) this.width = fitting;
    });
    return fitting;
  }
}
