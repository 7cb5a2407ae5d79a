/** Measured values as texts. The history keeps three digits of a value, so that more would be made up. */
import { seconds } from "./format";

/** The digits that the history keeps. */
const KEPT = 3;
/** As many digits as a mark of an axis needs, and as many as a plugin is taken to mean. */
const [OF_AXIS, ALL] = [6, 15];
/** Of a size in KiB or more, which is no whole number. */
const OF_SIZE = 4;
/** The unit of a continuous counter in performance data (the plugin guideline's UOM), and of its rate. */
export const COUNTER = "c";
export const RATE = "/s";

/** The unit of a size. */
export const BYTES = "B";

const WORDS: readonly (readonly [number, string])[] = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
];
/** From this amount on, and below that one, a number is written with a power of ten. */
const [HUGE, TINY] = [1e15, 1e-4];
const SIZES = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const MONTH = 2_592_000;

const grouped = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: 10 });

/** A number to so many digits. One of millions has the word for it. */
function numberText(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < TINY || size >= HUGE)) {
    return Number(value.toPrecision(Math.min(digits, OF_AXIS)))
      .toExponential()
      .replace("e+", "e");
  }
  const short = Number(value.toPrecision(digits));
  const word = digits < ALL ? WORDS.find(([from]) => Math.abs(short) >= from) : undefined;
  if (word === undefined) return grouped(short);
  return `${grouped(Number((short / word[0]).toPrecision(digits)))} ${word[1]}`;
}

/** The power of 1,024 in which a size is written: 1 for KiB. */
export function powerOf(size: number): number {
  let power = 0;
  while (Math.abs(size) / 1024 ** power >= 999.5 && power < SIZES.length - 1) power += 1;
  return power;
}

/** A size in bytes, written in a power of 1,024. */
function sizeText(size: number, power: number, digits: number): string {
  const short = power === 0 ? digits : Math.min(digits, OF_SIZE);
  const number = numberText(size / 1024 ** power, short);
  return `${number} ${number === "1" && power === 0 ? "byte" : (SIZES[power] ?? "")}`;
}

/** A value with its unit, its number to so many digits. Durations have three in any case. */
function textOf(value: number, unit: string, digits: number): string {
  if (unit === "s" && Math.abs(value) < MONTH) {
    if (value < 0) return `-${textOf(-value, unit, digits)}`;
    return seconds(value) || (value === 0 ? "0 ms" : "under 0.1 ms");
  }
  if (unit === BYTES && Math.abs(value) < HUGE) return sizeText(value, powerOf(value), digits);
  const number = numberText(value, digits);
  if (unit === "%" || unit === RATE) return number + unit;
  return unit === COUNTER ? number : `${number} ${unit}`.trim();
}

/** A value that is known to every digit: `1,234,567 MB`, `83%`. */
export const exactText = (value: number, unit: string): string => textOf(value, unit, ALL);

/** A value at a mark of an axis: `1.25 million`. */
export const markText = (value: number, unit: string): string => textOf(value, unit, OF_AXIS);

/** A size at a mark of an axis, in the power of 1,024 that all its marks have: `0.5 MiB`. */
export const sizeMarkText = (size: number, power: number): string =>
  Math.abs(size) < HUGE ? sizeText(size, power, OF_AXIS) : markText(size, BYTES);

/** A value of the history, which looks as rounded as it is: `12.3 ms`, `≈ 81,200`, `1.23 million`. */
export function roundedText(value: number, unit: string): string {
  const text = textOf(value, unit, KEPT);
  return /\d,\d/.test(text) ? `≈ ${text}` : text;
}

/** True if both may be the same value, of which one or both were rounded to the digits of the history. */
export const isRoughly = (one: number, other: number): boolean =>
  Math.abs(one - other) <= Math.max(Math.abs(one), Math.abs(other)) * 0.5 * 10 ** (1 - KEPT);

/** True if a value has no more digits than the history keeps, so that it may be a rounded one. */
export const isRounded = (value: number): boolean => Number(value.toPrecision(KEPT)) === value;

/** How much a value of the history may be off: half a step of its last digit. */
export function roundingOf(value: number): number {
  if (value === 0) return 0;
  return 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(value))) + 1 - KEPT);
}
