/**
 * A simulated history. It is the same for the same path and time, so that a refresh does not change
 * it.
 */
import type { HistoryView, PastIncident, IncidentList, Note, WantedIncidents } from "../wire";
import { durationCounts, partsOf, quantile, statusCounts } from "./parts";
import { hash } from "./random";

const HOUR = 3600;
const MOST = 3000;

/** The status of a source that flaps in the first half of every fourth hour. */
function flappingAt(date: number): number {
  const isFlapping = Math.floor(date / HOUR) % 4 === 0 && date % HOUR < HOUR / 2;
  return isFlapping && Math.floor(date / 60) % 2 === 1 ? 0 : 1;
}

/** The status of a path at a time; `undefined` where there were no checks. */
function statusAt({ path, usual, flaps }: Asked, date: number): number | null | undefined {
  if (flaps) return flappingAt(date);
  const hour = Math.floor(date / HOUR);
  const [kind, start, length] = ["k", "s", "l"].map((part) => hash(`${path}${hour}${part}`));
  const into = (date % HOUR) / HOUR;
  const inside =
    into >= (start ?? 0) * 0.8 && into < (start ?? 0) * 0.8 + 0.05 + (length ?? 0) * 0.3;
  // The laptop that runs Up sleeps at night.
  if (new Date(date * 1000).getHours() < 6 && hash(`night${Math.floor(date / 86_400)}`) < 0.7) {
    return undefined;
  }
  if (!inside || kind === undefined || kind > 0.22) return usual;
  if (kind < 0.09) return 0;
  if (kind < 0.13) return 0.5;
  if (kind < 0.16) return null;
  return kind < 0.19 ? 0.75 : undefined;
}

/** True of a check that failed alone, a few times a day. */
const isLost = (path: string, date: number, step: number): boolean =>
  hash(`${path}${date}lost`) < Math.min(step, 60) / 14_400;

export interface Asked {
  path: string;
  from: number;
  to: number;
  usual: number | null;
  /** True if it goes down and comes back every other minute, for half an hour at a time. */
  flaps: boolean;
  /** The usual duration in seconds. */
  takes: number;
  store: string;
  fallback: string | null;
  notes: readonly Note[];
}

const CAUSES = [
  "HTTP 503 Service Unavailable, expected 200-299",
  "no whole answer within 10 s",
  "connection refused",
];

/** The incidents of such samples, newest first. */
function incidentsOf(
  path: string,
  dates: readonly number[],
  statuses: readonly (number | null)[],
): PastIncident[] {
  const incidents: PastIncident[] = [];
  let open: PastIncident | null = null;
  dates.forEach((from, at) => {
    const status = statuses[at] ?? null;
    if (status === null) return;
    const level = Math.floor(status * 4);
    if (level === 4) {
      if (open !== null) {
        open.until = from;
        open.recovery = { date: from + 1, sinks: ["notifications"] };
      }
      open = null;
    } else if (open === null) {
      // A single failed check is not believed.
      const next = statuses[at + 1] ?? null;
      if (next !== null && next === 1) return;
      const text = CAUSES[Math.floor(hash(`${path}${from}`) * CAUSES.length)] ?? "";
      const known = hash(`${from}${path}`) < 0.4;
      open = {
        path,
        from,
        until: null,
        level,
        cause: { code: "status", text },
        told: { date: from + 6, sinks: ["notifications", "webhook"] },
        acknowledged: known ? { date: from + 95, by: "anna@desk", note: "the vendor knows" } : null,
        recovery: null,
      };
      incidents.unshift(open);
    } else {
      open.level = Math.min(open.level, level);
    }
  });
  return incidents;
}

export function pastOf(asked: Asked): HistoryView {
  const { path, from, to } = asked;
  const step = Math.max(30, Math.ceil((to - from) / MOST / 30) * 30);
  const [dates, statuses, durations]: [number[], (number | null)[], number[]] = [[], [], []];
  let [sum, known] = [0, 0];
  for (let date = Math.ceil(from / step) * step; date <= to; date += step) {
    const status = isLost(path, date, step) ? 0 : statusAt(asked, date);
    if (status === undefined) continue;
    const noise = hash(`${path}${date}`);
    const day = 1 + 0.35 * Math.sin((date / 86_400) * 2 * Math.PI);
    dates.push(date);
    statuses.push(status);
    const slow = noise > 0.9995 ? 40 : 1;
    durations.push(asked.takes * slow * day * (0.7 + noise ** 6 * 3) * (status === 0 ? 2.5 : 1));
    if (status !== null) [sum, known] = [sum + status, known + 1];
  }
  const sorted = [...durations].sort((a, b) => a - b);
  const incidents = incidentsOf(path, dates, statuses);
  const down = incidents.filter(({ level }) => level < 2);
  const causes = incidents.map(({ cause }) => cause?.text ?? "");
  const within = (date: number): number =>
    incidents.findIndex(({ from, until }) => date >= from && date < (until ?? Infinity));
  return {
    path,
    store: asked.store,
    fallback: asked.fallback,
    from,
    to,
    dates,
    statuses,
    durations,
    causeOf: dates.map((date, at) => {
      const found = statuses[at] === 1 ? -1 : within(date);
      return found < 0 ? null : found;
    }),
    causes,
    uptime: known === 0 ? null : sum / known,
    watched: known * step,
    count: known,
    unknown: dates.length - known,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    incidents,
    marks: incidents
      .map(({ from, until, level }, at) => ({ from, until, level, cause: at, count: 1 }))
      .reverse(),
    counts: {
      down: down.length,
      degraded: incidents.length - down.length,
      longest: Math.max(0, ...down.map(({ from, until }) => (until ?? to) - from)),
    },
    parts: partsOf({ dates, statuses, durations, from, to }, 360),
    statusCounts: statusCounts(statuses),
    durationCounts: durationCounts(durations),
    thinned: step > 30,
    gap: step * 2.5,
    notes: asked.notes.filter((note) => note.date >= from && note.date <= to),
    foreignNotes: [],
  };
}

/** The most incidents of one page. */
const PAGE = 500;

/** True if an incident is what a search wants. */
export function isWanted(
  { path, from, until, level, cause, acknowledged }: PastIncident,
  search: WantedIncidents | null,
  tags: readonly string[],
  now: number,
): boolean {
  if (search === null) return true;
  const { words, levels, shortest, longest } = search;
  const texts = [path, cause?.text, cause?.code, acknowledged?.note, acknowledged?.by, ...tags];
  const all = texts.join(" ").toLowerCase();
  const length = (until ?? now) - from;
  return (
    words.every((word) => all.includes(word)) &&
    search.tags.every((tag) => tags.includes(tag)) &&
    (levels.length === 0 || levels.includes(level)) &&
    (shortest ?? 0) <= length &&
    length <= (longest ?? Infinity)
  );
}

/**
 * The newest incidents that began before a time. The first page, for which `before` is `null`, has all
 * that last, and no other page has one of them.
 */
export function pageOf(all: readonly PastIncident[], before: number | null): IncidentList {
  const found = all
    .filter(({ from, until }) => before === null || (from < before && until !== null))
    .sort((a, b) => b.from - a.from);
  const oldest = found[PAGE - 1]?.from ?? -Infinity;
  const lasting = found.filter(({ until }) => until === null);
  const ended = found.filter(({ until, from }) => until !== null && from >= oldest);
  const incidents = [...lasting, ...ended];
  const more = found.length - incidents.length;
  return { incidents, more, next: more > 0 ? oldest : null, searched: null, fallbacks: [] };
}
