/** The lengths of time that the text of a filter asks for. */

const UNITS: Record<string, number> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400 };

/** `>5m`, `<= 1.5 h`; the number or its unit may still be missing. */
const LENGTH = /(?<=^|\s)([<>]=?)(?:\s*(\d+(?:\.\d*)?)(?:\s*(s|min|m|h|d))?)?(?=\s|$)/g;

/** What a text in lower case asks for: lengths in seconds, and words. */
export function lengthsOf(text: string): {
  /** The text without its lengths. */
  rest: string;
  isAsLong: (seconds: number) => boolean;
} {
  const tests: ((seconds: number) => boolean)[] = [];
  const rest = text.replaceAll(LENGTH, (_, sign: string, number = "", unit = "") => {
    const limit = Number(number) * (UNITS[unit as string] ?? Number.NaN);
    // What is not typed to its end asks for nothing.
    if (Number.isNaN(limit)) return " ";
    if (sign === ">") tests.push((seconds) => seconds > limit);
    else if (sign === ">=") tests.push((seconds) => seconds >= limit);
    else if (sign === "<") tests.push((seconds) => seconds < limit);
    else tests.push((seconds) => seconds <= limit);
    return " ";
  });
  return { rest, isAsLong: (seconds) => tests.every((test) => test(seconds)) };
}
