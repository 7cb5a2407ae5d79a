/** The long view of a simulated path, and the overview of many. */
import type { LongView, Overview, PathUptimes, Row, UptimeWindow } from "../wire";
import { hash } from "./random";

const DAY = 86_400;
const WINDOWS = [365, 90, 30, 7, 1].map((days) => days * DAY);

/** For how many days the fake has been watched, and a path that is new in the tree. */
const [WATCHED, NEW] = [300 * DAY, 3 * 3_600];
const watchedOf = (path: string, seconds: number): number =>
  Math.min(seconds, path.endsWith("/Checkout") ? NEW : WATCHED);

function windowOf(path: string, seconds: number): UptimeWindow {
  const watched = watchedOf(path, seconds);
  // Nothing but what was watched has an uptime.
  const uptime = 1 - hash(`${path}${Math.max(DAY, watched)}`) * 0.02;
  return { seconds, uptime, known: watched, watched };
}

export function longViewOf(path: string, now: number, store: string): LongView {
  const today = new Date(now * 1000).setHours(0, 0, 0, 0) / 1000;
  const days = Array.from({ length: 300 }, (_, at) => {
    const luck = hash(`${path}${at}`);
    const uptime = luck < 0.05 ? luck * 14 : luck < 0.2 ? 0.99 + luck / 50 : 1;
    return { from: today - (299 - at) * DAY, uptime, known: DAY * 0.9 };
  }).filter((_, at) => at % 41 !== 7 && (299 - at) * DAY < watchedOf(path, WATCHED));
  const hours = Array.from({ length: 168 }, (_, at) =>
    at % 24 < 5
      ? { uptime: null, duration: null }
      : {
          uptime: Math.min(1, 0.97 + hash(`${path}h${at}`) * 0.05),
          duration: 0.1 + 0.06 * Math.sin((at / 12) * Math.PI) ** 2 + hash(`${path}d${at}`) * 0.03,
        },
  );
  const months = Array.from({ length: 12 }, (_, at) =>
    at === 1
      ? { uptime: null, duration: null }
      : {
          uptime: Math.min(1, 0.985 + hash(`${path}m${at}`) * 0.02),
          duration: 0.1 + hash(`${path}md${at}`) * 0.08,
        },
  );
  const windows = WINDOWS.map((seconds) => windowOf(path, seconds));
  return { to: now, windows, days, hours, months, store, fallback: null };
}

export function overviewOf(rows: readonly Row[], seconds: number, store: string): Overview {
  const paths = rows.map(({ path, level, status }) => {
    const luck = hash(`${path}overview`);
    const uptime = Math.max(0, (status ?? 1) * (1 - luck ** 8 * 0.6));
    const watched = watchedOf(path, seconds);
    const deviation = Math.sqrt(uptime * (1 - uptime));
    return { path, uptime, watched, deviation, count: 2_880, level };
  });
  return { paths, store, fallback: null };
}

/** The uptimes of paths. They agree with the windows of the long view. */
export function uptimesOf(paths: readonly string[], days: readonly number[]): PathUptimes[] {
  return paths.map((path) => ({ path, windows: days.map((d) => windowOf(path, d * DAY)) }));
}
