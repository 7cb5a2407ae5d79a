/** How much of a span a path was watched. An uptime of two minutes says little about a week. */
import type { OverviewPath, PathBand } from "../wire/wire";
import { MOST_BANDS } from "./bands";
import { span } from "./format";
import type { Span } from "./spans";

/** Below this share of a span, an uptime is not compared with those of paths that were watched. */
const LITTLE = 0.25;
/** A path with so many samples less than the one with most, or so few, may have been watched for little. */
const [FEWER, FEW] = [5, 100];

/** How much of a span is known, as its parts say: the known time is at most as long. */
export interface Cover {
  known: number;
  isLittle: boolean;
  /** Such as `at most 1 h of 7 d`. */
  text: string;
}

export function coverOf({ parts }: Pick<PathBand, "parts">, { from, to }: Span): Cover {
  const within = parts.map((part) => Math.min(to, part.to) - Math.max(from, part.from));
  const known = within.reduce((sum, length) => sum + Math.max(0, length), 0);
  const text = `at most ${span(known)} of ${span(to - from)}`;
  return { known, isLittle: known < LITTLE * (to - from), text };
}

/** The paths of which the cover of a span must be asked for, those with the fewest samples first. */
export function uncertain(paths: readonly OverviewPath[]): string[] {
  const most = Math.max(0, ...paths.map(({ count }) => count));
  const few = paths.filter(({ count }) => count < FEW || count * FEWER < most);
  return few
    .sort((a, b) => a.count - b.count)
    .slice(0, MOST_BANDS)
    .map(({ path }) => path);
}

/** What is known of little covered paths, by path. */
export function littleOf(bands: readonly PathBand[], span: Span): Map<string, string> {
  const covers = bands
    .filter(({ error }) => error === null)
    .map((band) => [band.path, coverOf(band, span)] as const);
  return new Map(
    covers.filter(([, { isLittle }]) => isLittle).map(([path, { text }]) => [path, text]),
  );
}
