/** The parts of an HTTP exchange, as a stacked bar needs them. */
import type { Timing } from "../wire/wire";

export interface Part {
  label: string;
  seconds: number;
  /** Where it begins and how long it is, as shares of the whole. */
  start: number;
  share: number;
}

/** True when there is something to compare: one part alone is the duration that is said anyway. */
export function isWorthDrawing(timing: readonly Timing[]): boolean {
  return timing.filter(({ seconds }) => seconds > 0).length > 1;
}

const LABELS: Readonly<Record<string, string>> = {
  resolve: "Resolve",
  connect: "Connect",
  tls: "TLS",
  first_byte: "First byte",
  body: "Body",
};

/** The parts in their order; a part of unheard-of name keeps it. */
export function partsOf(timing: readonly Timing[]): Part[] {
  const whole = timing.reduce((sum, { seconds }) => sum + Math.max(0, seconds), 0);
  let start = 0;
  return timing.map(({ part, seconds }) => {
    const share = whole > 0 ? Math.max(0, seconds) / whole : 0;
    const placed = { label: LABELS[part] ?? part.replaceAll("_", " "), seconds, start, share };
    start += share;
    return placed;
  });
}
