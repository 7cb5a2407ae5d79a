/** Which series of a list are unfolded. */
import { keyOf } from "./incidentSeries";
import type { IncidentEntry } from "./incidentSeries";

export class UnfoldedSeries {
  /** What a person unfolded (`true`) or folded (`false`), by the names of the entries. */
  #chosen = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  /** The incidents that gave their entries a name. */
  readonly #naming = new Set<string>();

  /**
   * The name of an entry, which stays the same while a series grows at either end: that of an incident
   * which was its newest when it was first listed.
   */
  nameOf(entry: IncidentEntry): string {
    const known = entry.map(keyOf).find((key) => this.#naming.has(key));
    if (known !== undefined) return known;
    const name = keyOf(entry[0]);
    this.#naming.add(name);
    return name;
  }

  /** True if the single incidents of an entry are shown. `otherwise` holds until a person chooses. */
  isUnfolded(entry: IncidentEntry, otherwise: boolean): boolean {
    return this.#chosen.get(this.nameOf(entry)) ?? otherwise;
  }

  choose(entry: IncidentEntry, isUnfolded: boolean): void {
    this.#chosen = new Map(this.#chosen).set(this.nameOf(entry), isUnfolded);
  }
}
