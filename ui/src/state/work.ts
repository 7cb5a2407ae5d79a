/** The work that goes on in the stores of a history, in words. */
import type { WorkUnderWay } from "../wire/wire";

/** What is being done, without how far it is, so that it is announced once. Empty without work. */
export function workInWords(work: readonly WorkUnderWay[]): string {
  const [first] = work;
  if (first === undefined) return "";
  const what =
    first.task === "copy"
      ? `Older history is being copied to ${first.store}`
      : "Summaries of older history are being made";
  return `${what}; all figures are complete meanwhile.`;
}

/** How much of it is done. It is never said to be all as long as it goes on. */
export function shareInWords(work: readonly WorkUnderWay[]): string {
  const [first] = work;
  return first === undefined ? "" : `${Math.min(99, Math.floor(first.share * 100))}% done`;
}
