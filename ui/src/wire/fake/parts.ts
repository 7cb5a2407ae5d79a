/** The parts of a simulated span, and how its samples are spread. */
import type { DurationBar, HistoryView, PathBand, SpanPart } from "../wire";

type Columns = Pick<HistoryView, "dates" | "statuses" | "durations" | "from" | "to">;

/** The value that `share` of sorted values do not exceed. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** The span cut into so many equal parts, without those of which nothing is known. */
export function partsOf(
  { dates, statuses, durations, from, to }: Columns,
  most: number,
): SpanPart[] {
  const width = (to - from) / most;
  const parts: SpanPart[] = [];
  let at = 0;
  for (let number = 0; number < most; number += 1) {
    const end = from + (number + 1) * width;
    const known: number[] = [];
    const took: number[] = [];
    let unknown = 0;
    for (; at < dates.length && (dates[at] ?? 0) < end; at += 1) {
      const status = statuses[at] ?? null;
      if (status === null) unknown += 1;
      else known.push(status);
      if (status !== null) took.push(durations[at] ?? 0);
    }
    if (known.length + unknown === 0) continue;
    took.sort((a, b) => a - b);
    const sum = known.reduce((sum, status) => sum + status, 0);
    parts.push({
      from: end - width,
      to: end,
      uptime: known.length === 0 ? null : sum / known.length,
      lowest: known.length === 0 ? null : Math.min(...known),
      highest: known.length === 0 ? null : Math.max(...known),
      count: known.length,
      unknown,
      p50: quantile(took, 0.5),
      p95: quantile(took, 0.95),
      p99: quantile(took, 0.99),
      longest: took.at(-1) ?? null,
    });
  }
  return parts;
}

export function statusCounts(statuses: readonly (number | null)[]): number[] {
  const counts = Array.from({ length: 20 }, () => 0);
  for (const status of statuses) {
    if (status === null) continue;
    const at = Math.min(19, Math.floor(status * 20));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

const BARS = [1, 1.2, 1.5, 2, 2.4, 3, 4, 5, 6, 8];

export function durationCounts(durations: readonly number[]): DurationBar[] {
  const edge = (at: number): number =>
    ((BARS[((at % 10) + 10) % 10] ?? 1) * 10 ** Math.floor(at / 10)) / 1e6;
  const of = (duration: number): number => {
    let at = Math.floor(Math.log10(Math.max(1, duration * 1e6))) * 10;
    while (edge(at + 1) <= duration) at += 1;
    return at;
  };
  const numbers = durations.map(of);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  if (!Number.isFinite(first)) return [];
  const bars = Array.from({ length: last - first + 1 }, (_, at) => ({
    from: edge(first + at),
    to: edge(first + at + 1),
    count: 0,
  }));
  for (const number of numbers) {
    const bar = bars[number - first];
    if (bar !== undefined) bar.count += 1;
  }
  return bars;
}

export function bandOf({ path, uptime, watched, ...view }: HistoryView): PathBand {
  return { path, uptime, watched, parts: partsOf(view, 180), error: null };
}
