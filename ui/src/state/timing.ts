/** The parts of an HTTP exchange as a stacked bar. */
import type { Timing } from "../wire/wire";

export interface Part {
  label: string;
  seconds: number;
  /** Its start and length, as shares of the whole. */
  start: number;
  share: number;
}

/** True if there are several parts. A single one equals the duration, which is shown anyway. */
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

/** The parts in their order. A part with an unknown name is included. */
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
