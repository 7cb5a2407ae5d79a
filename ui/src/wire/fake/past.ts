/**
 * A simulated history. It is the same for the same path and time, so that a refresh does not change
 * it.
 */
import type { HistoryView, Note } from "../wire";
import { hash } from "./random";

const HOUR = 3600;
const MOST = 3000;

/** The status of a path at a time; `undefined` where there were no checks. */
function statusAt(path: string, date: number, usual: number | null): number | null | undefined {
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

export interface Asked {
  path: string;
  from: number;
  to: number;
  usual: number | null;
  /** The usual duration in seconds. */
  takes: number;
  store: string;
  fallback: string | null;
  notes: readonly Note[];
}

export function pastOf(asked: Asked): HistoryView {
  const { path, from, to } = asked;
  const step = Math.max(30, Math.ceil((to - from) / MOST / 30) * 30);
  const [dates, statuses, durations]: [number[], (number | null)[], number[]] = [[], [], []];
  let [sum, known] = [0, 0];
  for (let date = Math.ceil(from / step) * step; date <= to; date += step) {
    const status = statusAt(path, date, asked.usual);
    if (status === undefined) continue;
    const noise = hash(`${path}${date}`);
    const day = 1 + 0.35 * Math.sin((date / 86_400) * 2 * Math.PI);
    dates.push(date);
    statuses.push(status);
    durations.push(asked.takes * day * (0.7 + noise ** 6 * 3) * (status === 0 ? 2.5 : 1));
    if (status !== null) [sum, known] = [sum + status, known + 1];
  }
  return {
    path,
    store: asked.store,
    fallback: asked.fallback,
    from,
    to,
    dates,
    statuses,
    durations,
    uptime: known === 0 ? null : sum / known,
    count: known,
    thinned: step > 30,
    gap: step * 2.5,
    notes: asked.notes.filter((note) => note.date >= from && note.date <= to),
  };
}
