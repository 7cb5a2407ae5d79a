/** The notes on the time axis, gathered where their flags would overlap. */
import type { Note } from "../wire/wire";

/** The width of a flag, which is the smallest target that a finger hits, in pixels. */
export const FLAG = 24;

/** Notes under one flag. */
export interface Flag {
  /** The place of the flag's left edge from the left edge of the plotting area, in pixels. */
  left: number;
  /** The notes, oldest first. */
  notes: Note[];
}

/** The flags of the notes within a span, for a plotting area of that width. No two overlap. */
export function flagsOf(
  notes: readonly Note[],
  span: { from: number; to: number },
  width: number,
): Flag[] {
  const inside = notes.filter(({ date }) => date >= span.from && date <= span.to);
  const flags: Flag[] = [];
  for (const note of [...inside].sort((a, b) => a.date - b.date)) {
    const at = ((note.date - span.from) / (span.to - span.from)) * width;
    const left = Math.max(0, Math.min(at - 3, width - FLAG));
    const last = flags.at(-1);
    if (last !== undefined && left - last.left < FLAG) last.notes.push(note);
    else flags.push({ left, notes: [note] });
  }
  return flags;
}
