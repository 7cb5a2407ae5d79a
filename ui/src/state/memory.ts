/** What the panel remembers of itself: its window is destroyed whenever it is hidden. */

const PREFIX = "up.";
const MAX_CHARACTERS = 200_000;

/** What was remembered under that name; `null` when nothing usable was. */
export function recall(name: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Remembers; a full or forbidden store is no reason to bother anybody. */
export function remember(name: string, value: unknown): void {
  try {
    const text = JSON.stringify(value);
    if (text.length <= MAX_CHARACTERS) localStorage.setItem(PREFIX + name, text);
  } catch {
    // Nothing depends on it.
  }
}

/** Remembered paths. */
export function recallPaths(name: string): Set<string> | null {
  const value = recall(name);
  if (!Array.isArray(value)) return null;
  return new Set(value.filter((path) => typeof path === "string"));
}
