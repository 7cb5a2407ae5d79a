/** Scales of durations, linear or logarithmic, and the marks on them. All in seconds. */
import { recall, remember } from "./memory";

const NAME = "log";

/** True if durations were last drawn on a logarithmic scale. */
export const recallLog = (): boolean => recall(NAME) === true;
export const rememberLog = (log: boolean): void => remember(NAME, log);

/** The shortest duration that a logarithmic scale shows. */
const LEAST = 1e-6;

/** A duration on the scale. */
export const scaledTo = (duration: number, log: boolean): number =>
  log ? Math.log10(Math.max(LEAST, duration)) : duration;

/** The duration at a place of the scale. */
export const scaledFrom = (place: number, log: boolean): number => (log ? 10 ** place : place);

/** Round durations between two ends: each decade, and 2 and 5 of it where there are few. */
export function logMarks(least: number, most: number): number[] {
  const [first, last] = [Math.log10(Math.max(LEAST, least)), Math.log10(Math.max(LEAST, most))];
  const within = last - first > 2.5 ? [1] : last - first > 1 ? [1, 3] : [1, 2, 5];
  const marks: number[] = [];
  for (let decade = Math.floor(first); decade <= last; decade += 1) {
    for (const digit of within) {
      // Rounded, because a power of ten below one is not exact.
      const mark = Number((digit * 10 ** decade).toPrecision(1));
      const place = Math.log10(mark);
      if (place >= first - 1e-9 && place <= last + 1e-9) marks.push(mark);
    }
  }
  return marks;
}

/** The round step that divides a length into at most `count` parts. */
function stepOf(length: number, count: number): number {
  const rough = length / Math.max(1, count);
  const decade = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((digit) => digit * decade >= rough) ?? 10) * decade;
}

/** Round durations from 0 to `most`, at most `count` of them and 0. */
export function linearMarks(most: number, count: number): number[] {
  if (!(most > 0)) return [0];
  const step = stepOf(most, count);
  const marks: number[] = [];
  for (let at = 0; at * step <= most * (1 + 1e-9); at += 1) {
    marks.push(Number((at * step).toPrecision(6)));
  }
  return marks;
}

/** Sizes between two ends that are round in a unit of so many bytes, about `count` of them. */
export function sizeMarks(least: number, most: number, unit: number, count: number): number[] {
  if (!(most > least)) return [least];
  const step = stepOf((most - least) / unit, count);
  const [first, last] = [Math.ceil(least / unit / step), Math.floor(most / unit / step)];
  const marks = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return marks.map((at) => Number((at * step).toPrecision(12)) * unit);
}
