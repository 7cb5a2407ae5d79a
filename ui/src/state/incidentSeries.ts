/**
 * Series: incidents of one path that follow each other closely, which a list shows as one entry.
 *
 * The rule is the list's own. Whether a source is flapping now is judged by its last samples, and a list
 * of the past has only incidents. At least `LEAST` incidents of one path are a series if each begins
 * `CLOSE` seconds or less after the former ended. The pause may also be as long as the shorter of the two
 * incidents, up to `CLOSE_AT_MOST`, because a source that is checked once an hour cannot change faster.
 */
import type { Cause, PastIncident } from "../wire/wire";
import { count, moment, span } from "./format";
import { lengthOf } from "./incidents";
import { plainWord } from "./statusStyle";

const LEAST = 4;
const CLOSE = 600;
const CLOSE_AT_MOST = 3_600;

/** One line of a list: a single incident, or a series of them, newest first. */
export type IncidentEntry = readonly [PastIncident, ...PastIncident[]];

/** What tells an incident from all others. */
export const keyOf = ({ path, from }: PastIncident): string => `${path} ${from}`;

export const isSeries = (entry: IncidentEntry): boolean => entry.length > 1;

/** True if the later one of two incidents of a path began soon after the former ended. */
function followsClosely(later: PastIncident, former: PastIncident): boolean {
  if (former.until === null) return false;
  const shorter = Math.min(lengthOf(later, Infinity), lengthOf(former, Infinity));
  const pause = later.from - former.until;
  return pause <= Math.max(CLOSE, Math.min(shorter, CLOSE_AT_MOST));
}

/** The incidents of one path, newest first, cut where one did not follow the other closely. */
function runsOf(newestFirst: readonly PastIncident[]): IncidentEntry[] {
  const runs: [PastIncident, ...PastIncident[]][] = [];
  let last: PastIncident | null = null;
  for (const incident of newestFirst) {
    const run = runs.at(-1);
    if (run !== undefined && last !== null && followsClosely(last, incident)) run.push(incident);
    else runs.push([incident]);
    last = incident;
  }
  return runs.flatMap((run) =>
    run.length >= LEAST ? [run] : run.map((one): IncidentEntry => [one]),
  );
}

/** The entries of a list of incidents. Each stands where the newest of its incidents stood. */
export function entriesOf(incidents: readonly PastIncident[]): IncidentEntry[] {
  const byPath = new Map<string, PastIncident[]>();
  for (const incident of incidents) {
    const ofPath = byPath.get(incident.path);
    if (ofPath === undefined) byPath.set(incident.path, [incident]);
    else ofPath.push(incident);
  }
  const entryAt = new Map<PastIncident, IncidentEntry>();
  for (const ofPath of byPath.values()) {
    ofPath.sort((a, b) => b.from - a.from);
    for (const entry of runsOf(ofPath)) entryAt.set(entry[0], entry);
  }
  return incidents.flatMap((incident) => {
    const entry = entryAt.get(incident);
    return entry === undefined ? [] : [entry];
  });
}

/** What an entry tells of all its incidents together. */
export interface SeriesSummary {
  path: string;
  /** When the oldest one began, Unix seconds. */
  from: number;
  /** When the newest one ended; `null` while it lasts. */
  until: number | null;
  /** The worst level. */
  level: number;
  /** How often it was so, such as `15 times down`. */
  times: string;
  /** How long they were together, in seconds. */
  total: number;
  longest: number;
  /** The cause of the newest one that has any. */
  cause: Cause | null;
  /** How many others there were, such as ` (and 2 other causes)`; empty without any. */
  others: string;
}

/** Sums up an entry. An incident that lasts ends at `now`. */
export function summaryOf(entry: IncidentEntry, now: number): SeriesSummary {
  const [newest] = entry;
  const lengths = entry.map((incident) => lengthOf(incident, now));
  const level = Math.min(...entry.map((incident) => incident.level));
  const isMixed = entry.some((incident) => incident.level !== level);
  const causes = entry.flatMap(({ cause }) => cause ?? []);
  const others = new Set(causes.map(({ text }) => text)).size - 1;
  return {
    path: newest.path,
    from: Math.min(...entry.map(({ from }) => from)),
    until: newest.until,
    level,
    times: `${count(entry.length, "time")}${isMixed ? ", at worst" : ""} ${plainWord(level)}`,
    total: lengths.reduce((sum, length) => sum + length, 0),
    longest: Math.max(...lengths),
    cause: causes[0] ?? null,
    others: others > 0 ? ` (and ${count(others, "other cause")})` : "",
  };
}

/**
 * From when to when a series lasted. The day is told unless it is today or, if `isUnderDay` is true, the
 * day of the heading, on which the newest incident began.
 */
export function timesOfSeries(entry: IncidentEntry, now: number, isUnderDay: boolean): string {
  const { from, until } = summaryOf(entry, now);
  const [{ from: newest }] = entry;
  if (until === null) return `${moment(from, now)} – now, this time for ${span(now - newest)}`;
  const [told, ended] = isUnderDay ? [newest, newest] : [now, from];
  return `${moment(from, told)} – ${moment(until, ended)}`;
}
