/** What the panel stores about itself, because its window is destroyed when it is hidden. */

const PREFIX = "up.";
const MAX_CHARACTERS = 200_000;

/** The value stored under that name; `null` if there is none that can be used. */
export function recall(name: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Stores a value. A full or forbidden store is ignored. */
export function remember(name: string, value: unknown): void {
  try {
    const text = JSON.stringify(value);
    if (text.length <= MAX_CHARACTERS) localStorage.setItem(PREFIX + name, text);
  } catch {
    // Nothing depends on it.
  }
}

/** Stores the last entries of a list: as many as there is room for. */
export function rememberNewest(name: string, list: readonly unknown[]): void {
  let room = MAX_CHARACTERS - 2;
  let first = list.length;
  while (first > 0) {
    room -= JSON.stringify(list[first - 1]).length + 1;
    if (room < 0) break;
    first -= 1;
  }
  remember(name, list.slice(first));
}
