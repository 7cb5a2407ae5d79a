import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { requestSource, checkNow } from "../src/wire/requests";
import { Latest } from "../src/state/latest.svelte";
import type { PanelResponse, Wire } from "../src/wire/wire";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms));

it("drops the answer to an older question, whichever comes first", async () => {
  const latest = new Latest<string>();
  const first = latest.load(() => after(50, "old"));
  const second = latest.load(() => after(10, "new"));
  await vi.advanceTimersByTimeAsync(100);
  await Promise.all([first, second]);
  expect(latest.value).toBe("new");
});

it("says that an answer is late after 100 ms, and no longer when it has come", async () => {
  const latest = new Latest<string>();
  const asked = latest.load(() => after(300, "there"));
  await vi.advanceTimersByTimeAsync(90);
  expect(latest.slow).toBe(false);
  await vi.advanceTimersByTimeAsync(20);
  expect(latest.slow).toBe(true);
  await vi.advanceTimersByTimeAsync(300);
  await asked;
  expect([latest.value, latest.slow]).toEqual(["there", false]);
});

it("keeps what it has while a later question fails, and forgets it when told to", async () => {
  const latest = new Latest<string>();
  await latest.load(() => Promise.resolve("kept"));
  await latest.load(() => Promise.reject(new Error("no store answers")));
  expect([latest.value, latest.error]).toEqual(["kept", "no store answers"]);
  latest.clear();
  expect([latest.value, latest.error]).toEqual([null, null]);
});

it.each<[string, () => Promise<PanelResponse>, string]>([
  [
    "a refusal",
    () => Promise.resolve({ answer: "failed", value: "no such source" }),
    "no such source",
  ],
  ["nobody there", () => Promise.reject(new Error("gone")), "Up does not answer: Error: gone"],
  [
    "another answer",
    () => Promise.resolve({ answer: "done" }),
    "Up answered “done” to a request for “source”",
  ],
])("%s is an error in words", async (_, request, message) => {
  const wire: Wire = { request, listen: () => Promise.resolve(() => undefined) };
  await expect(requestSource(wire, "/a")).rejects.toThrow(message);
});

it("asks in the shapes of the wire", async () => {
  const asked: unknown[] = [];
  const wire: Wire = {
    request: (request) => {
      asked.push(request);
      return Promise.resolve({ answer: "done" });
    },
    listen: () => Promise.resolve(() => undefined),
  };
  await checkNow(wire, "/Root/A");
  expect(asked).toEqual([{ ask: "check_now", path: "/Root/A" }]);
});

it("asks a failed question again, once at a time", async () => {
  const latest = new Latest<string>();
  let asked = 0;
  const ask = (): Promise<string> => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error("too late")) : after(10, "there");
  };
  await latest.load(ask);
  expect(latest.error).toBe("too late");
  const again = [latest.again(), latest.again()];
  await vi.advanceTimersByTimeAsync(20);
  await Promise.all(again);
  expect([latest.value, latest.error, asked]).toEqual(["there", null, 2]);
  latest.clear();
  await latest.again();
  expect(asked, "what was dropped is not asked again").toBe(2);
});
