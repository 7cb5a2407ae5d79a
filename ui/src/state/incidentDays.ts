/** The entries of a list of incidents under headings: what lasts, then day by day. */
import { day } from "./format";
import type { IncidentEntry } from "./incidentSeries";
import { zone } from "./zone.svelte";

/** The entries under one heading. */
export interface IncidentDay {
  heading: string;
  entries: IncidentEntry[];
}

/**
 * What lasts comes first, then each day on which an incident began, newest first. A series stands where
 * its newest incident stands.
 */
export function daysOf(entries: readonly IncidentEntry[], now: number): IncidentDay[] {
  const days = new Map<string, IncidentEntry[]>();
  const { year, month, date: ofMonth } = zone.parts(now);
  // By the calendar, because not every day has 24 hours.
  const [today, yesterday] = [day(now), day(zone.midnight(year, month, ofMonth - 1))];
  const headingOf = ([{ from, until }]: IncidentEntry): string => {
    if (until === null) return "Now";
    const date = day(from);
    return date === today ? "Today" : date === yesterday ? "Yesterday" : date;
  };
  const lasting = entries.filter(([{ until }]) => until === null);
  for (const entry of [...lasting, ...entries.filter((one) => !lasting.includes(one))]) {
    const heading = headingOf(entry);
    const ofDay = days.get(heading);
    if (ofDay === undefined) days.set(heading, [entry]);
    else ofDay.push(entry);
  }
  return Array.from(days, ([heading, entries]) => ({ heading, entries }));
}
