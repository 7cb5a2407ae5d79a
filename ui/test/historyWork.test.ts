import { afterEach, describe, expect, it, vi } from "vitest";

import { shareInWords, workInWords } from "../src/state/work";
import type { WorkUnderWay } from "../src/wire/wire";
import { rowsOf, treeOf } from "./rows";
import { EMPTY_HISTORY, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const MONGO = "MongoDB localhost:27017/up";
const summaries = (share: number): WorkUnderWay => ({ task: "summaries", store: MONGO, share });
const copy = (share: number): WorkUnderWay => ({ task: "copy", store: MONGO, share });

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
  vi.useRealTimers();
});

describe("the work on the history", () => {
  it("is one line, whatever is done and how far it is", () => {
    const check = (work: WorkUnderWay[], words: string, share: string): void => {
      expect([workInWords(work), shareInWords(work)]).toEqual([words, share]);
    };
    check([], "", "");
    check(
      [summaries(0.439)],
      "Summaries of older history are being made; all figures are complete meanwhile.",
      "43% done",
    );
    check(
      [copy(0), summaries(0.5)],
      `Older history is being copied to ${MONGO}; all figures are complete meanwhile.`,
      "0% done",
    );
    check([copy(0.9999)], workInWords([copy(0)]), "99% done");
  });

  it("is announced once, and its place is there before and after", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const wire = new StubWire(treeOf(rowsOf("Root\n  A")));
    wire.answers.set("history", { answer: "history", value: { ...EMPTY_HISTORY, count: 1 } });
    const after = async (work: WorkUnderWay[]): Promise<[string, string]> => {
      wire.answers.set("history_work", { answer: "history_work", value: work });
      vi.advanceTimersByTime(5_000);
      await settle();
      const status = one(".foot + p [role=status]");
      return [status.textContent, one(".foot + p").textContent.replaceAll(/\s+/g, " ").trim()];
    };
    shown = await show(wire);
    expect(await after([])).toEqual(["", ""]);
    const [announced, text] = await after([summaries(0.2)]);
    expect(text).toBe(`${announced} 20% done`);
    const region = one(".foot + p [role=status]").firstChild;
    expect(await after([summaries(0.3)])).toEqual([announced, `${announced} 30% done`]);
    expect(one(".foot + p [role=status]").firstChild, "the live region is not touched").toBe(
      region,
    );
    expect(await after([])).toEqual(["", ""]);
  });
});
