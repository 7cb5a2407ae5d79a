/** Incidents as they are listed: which ones, at what time, and what became of them. */
import type { PastIncident } from "../wire/wire";
import { clock, moment } from "./format";
import type { Span } from "./spans";

/** Which incidents the list shows, and which of them a person came for. */
export interface IncidentTarget {
  /** The node whose incidents, and those of all below it, are listed; `null` for everything. */
  below: string | null;
  /** The time of the incident that a person came for; `null` for none in particular. */
  at: Span | null;
  /** The span of the list; `null` for the one that was chosen last. */
  span: Span | null;
}

/** The incidents of everything, over the span that was chosen last. */
export const EVERYTHING: IncidentTarget = { below: null, at: null, span: null };

/** How far the list reaches before and after the time that a person came for, in seconds. */
const AROUND = 43_200;

/** The incidents below a node around a time, of which those of that time are marked. */
export function targetAt(below: string, at: Span, now: number): IncidentTarget {
  return { below, at, span: { from: at.from - AROUND, to: Math.min(now, at.to + AROUND) } };
}

/** How far the dates of one check may differ between its notice and its sample, in seconds. */
const SLACK = 1;

/** True if an incident lasted at some time of a span. */
export function isAt({ from, until }: PastIncident, at: Span): boolean {
  return from <= at.to + SLACK && (until ?? Infinity) >= at.from - SLACK;
}

/** When an incident began and ended, Unix seconds; `null` while it lasts. */
export type IncidentTime = Pick<PastIncident, "from" | "until">;

/** The length of an incident in seconds. One that lasts ends at the end of the span, `to`. */
export function lengthOf({ from, until }: IncidentTime, to: number): number {
  return Math.max(0, (until ?? to) - from);
}

/**
 * When an incident began and ended. The day is told unless it is today, or `isUnderDay` is true: under a
 * heading that has the day on which the incident began.
 */
export function timesOf({ from, until }: PastIncident, now: number, isUnderDay: boolean): string {
  if (until === null) return `${moment(from, now)} – now`;
  return `${isUnderDay ? clock(from) : moment(from, now)} – ${moment(until, from)}`;
}

/** The least time that is shown before and after an incident, in seconds. */
const LEAST_MARGIN = 300;

/** The time of an incident with as much again before and after it. It ends at `now` at the latest. */
export function spanAround(incident: IncidentTime, now: number): Span {
  const margin = Math.max(LEAST_MARGIN, lengthOf(incident, now));
  const to = Math.min(now, (incident.until ?? now) + margin);
  return { from: incident.from - margin, to: Math.max(to, incident.from + 1) };
}

/** What people did about an incident and what they were told of it, in the order of time. */
export function outcomeOf(incident: PastIncident): string[] {
  const { acknowledged, told, recovery, from } = incident;
  const parts: [number, string][] = [];
  const by = (sinks: readonly string[]): string =>
    sinks.length === 0 ? ", which no sink has" : ` by ${sinks.join(", ")}`;
  if (told !== null) {
    parts.push([told.date, `told ${moment(told.date, from)}${by(told.sinks)}`]);
  }
  if (acknowledged !== null) {
    const { date, by: person, note } = acknowledged;
    const who = person === null ? "" : ` by ${person}`;
    const why = note === null ? "" : `: ${note}`;
    parts.push([date, `acknowledged ${moment(date, from)}${who}${why}`]);
  }
  if (recovery !== null) {
    const { date, sinks } = recovery;
    parts.push([date, `recovery told ${moment(date, from)}${by(sinks)}`]);
  }
  return parts.sort(([a], [b]) => a - b).map(([, text]) => text);
}

/** The name of an incident's source, and the trees above it, for a person. */
export function placeOf(path: string): { name: string; inside: string } {
  const parts = path.slice(1).split("/");
  return { name: parts.at(-1) ?? path, inside: parts.slice(0, -1).join(" › ") };
}
