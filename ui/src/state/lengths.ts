/** The lengths of time that the text of a filter asks for. */

const UNITS: Record<string, number> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400 };

/** `>5m`, `<= 1.5 h`; the number or its unit may still be missing. */
const LENGTH = /(?<=^|\s)([<>]=?)(?:\s*(\d+(?:\.\d*)?)(?:\s*(s|min|m|h|d))?)?(?=\s|$)/g;

/** The dates of a history are no finer, in seconds. */
const FINEST = 0.001;

/** What a text in lower case asks for: lengths in seconds, and words. */
export function lengthsOf(text: string): {
  /** The text without its lengths. */
  rest: string;
  /** The least and the greatest length, each included; `null` for any. */
  shortest: number | null;
  longest: number | null;
} {
  let [shortest, longest] = [-Infinity, Infinity];
  const rest = text.replaceAll(LENGTH, (_, sign: string, number = "", unit = "") => {
    const limit = Number(number) * (UNITS[unit as string] ?? Number.NaN);
    // What is not typed to its end asks for nothing.
    if (Number.isNaN(limit)) return " ";
    const beyond = sign.endsWith("=") ? 0 : FINEST;
    if (sign.startsWith(">")) shortest = Math.max(shortest, limit + beyond);
    else longest = Math.min(longest, limit - beyond);
    return " ";
  });
  const known = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);
  return { rest, shortest: known(shortest), longest: known(longest) };
}
