/** What the main thread of a page did, as Chromium traces it. */
import type { Browser, Page } from "@playwright/test";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** The length of the event in microseconds, and the processor time in it. */
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** The longest task of the main thread, in ms: by the clock, and of the processor. */
export interface LongestTask {
  wall: number;
  thread: number;
}

/** The longest task of the page's main thread while `act` runs. */
export async function longestTask(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<LongestTask> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) =>
      ph === "X" && name.endsWith("RunTask") && mains.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error("the trace has no task of the page");
  return {
    wall: Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1_000,
    thread: Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1_000,
  };
}
