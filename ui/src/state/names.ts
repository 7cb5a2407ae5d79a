/** Names as a line has room for them. */

/** The longest name that a row shows whole, in characters. */
export const LONGEST = 48;

/** A name cut in the middle: the ends of names differ as often as their beginnings. */
export function shortName(name: string, most = LONGEST): string {
  const letters = Array.from(name);
  if (letters.length <= most) return name;
  const kept = Math.max(0, most - 1);
  const head = letters.slice(0, Math.ceil(kept / 2)).join("");
  const tail = letters.slice(letters.length - Math.floor(kept / 2)).join("");
  return `${head.trimEnd()}…${tail.trimStart()}`;
}
