/** Keeps the focus of a list of incidents where an incident is drawn anew. */
import { untrack } from "svelte";

import { keyOf } from "../state/incidentSeries";
import type { IncidentEntry } from "../state/incidentSeries";
import type { UnfoldedSeries } from "../state/unfoldedSeries.svelte";

/** The button of an incident, or that of the series that hides it. */
export function buttonOf(
  list: HTMLElement,
  key: string,
  entries: readonly IncidentEntry[],
  series: UnfoldedSeries,
): HTMLElement | null {
  const named = (name: string): HTMLElement | null =>
    list.querySelector(`[data-entry="${CSS.escape(name)}"]`);
  const entry = entries.find((one) => one.some((incident) => keyOf(incident) === key));
  return named(key) ?? (entry === undefined ? null : named(series.nameOf(entry)));
}

/**
 * Gives the focus back to an incident whose button was replaced: when it ended, it stands under another
 * heading, and when others followed closely, it is in a series. Called while a component is made.
 */
export function keepFocus(
  list: () => HTMLElement | undefined,
  entries: () => readonly IncidentEntry[],
  series: UnfoldedSeries,
): void {
  let focused: string | null = null;
  $effect.pre(() => {
    entries();
    untrack(() => {
      const active = document.activeElement;
      const button = list()?.contains(active) === true ? active : null;
      focused = button?.getAttribute("data-entry") ?? null;
    });
  });
  $effect(() => {
    const listed = entries();
    const inside = untrack(list);
    if (focused === null || inside === undefined) return;
    if (document.activeElement === document.body) {
      buttonOf(inside, focused, listed, series)?.focus();
    }
  });
}
