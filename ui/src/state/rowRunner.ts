/** Carries out the actions of the menu of rows. */
import { checkNow, messageOf, openAddress, requestSource, sendControl } from "../wire/requests";
import type { Row, Wire } from "../wire/wire";
import { copyText } from "./clipboard";
import { count } from "./format";
import { causesOf, reportOf } from "./report";
import { controlsOf, outermost } from "./rowActions";
import type { Copied, RowAction } from "./rowActions";

/** The most rows whose addresses are requested when the menu opens. */
const MOST_ADDRESSES = 100;

/** Shows a message. */
export type Say = (text: string, bad: boolean) => void;

/** What can be opened of rows. */
export interface Openable {
  /** The addresses of the rows that have one, by path. */
  addresses: ReadonlyMap<string, string>;
  /** The program that is started for the only row; `null` if none is. */
  program: string | null;
}

/** What can be opened of rows; nothing of a row that is gone by now. */
export async function openableOf(wire: Wire, rows: readonly Row[]): Promise<Openable> {
  const found = await Promise.allSettled(
    rows.slice(0, MOST_ADDRESSES).map(({ path }) => requestSource(wire, path)),
  );
  const views = found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const addresses = new Map(
    views.flatMap(({ row, address }): [string, string][] =>
      address === null ? [] : [[row.path, address]],
    ),
  );
  return { addresses, program: rows.length === 1 ? (views[0]?.program ?? null) : null };
}

const DONE = {
  check: "Checking",
  snooze: "Snoozed",
  unsnooze: "Ended the snooze of",
  acknowledge: "Acknowledged",
  unacknowledge: "Took back the acknowledgement of",
  pause: "Paused",
  resume: "Resumed",
} as const;

/** The text to copy. */
function textOf(
  what: Copied,
  rows: readonly Row[],
  addresses: ReadonlyMap<string, string>,
  now: number,
): string {
  switch (what) {
    case "path":
      return rows.map(({ path }) => path).join("\n");
    case "address":
      return rows.flatMap(({ path }) => addresses.get(path) ?? []).join("\n");
    case "cause":
      return causesOf(rows);
    case "report":
      return reportOf(rows, addresses, now);
  }
}

/** The requests of an action, each not sent yet. */
function requestsOf(wire: Wire, action: RowAction, rows: readonly Row[]): (() => Promise<void>)[] {
  if (action.do === "check")
    return outermost(rows).map(
      ({ path }) =>
        () =>
          checkNow(wire, path),
    );
  if (action.do === "open")
    return rows.map(
      ({ path }) =>
        () =>
          openAddress(wire, path),
    );
  return controlsOf(action, rows).map((control) => () => sendControl(wire, control));
}

/** Does an action on rows, and says what came of it. `now` is in Unix seconds. */
export async function runAction(
  wire: Wire,
  action: RowAction,
  rows: readonly Row[],
  addresses: ReadonlyMap<string, string>,
  now: number,
  say: Say,
): Promise<void> {
  if (action.do === "copy") {
    const done = await copyText(textOf(action.what, rows, addresses, now));
    say(done ? "Copied." : "The clipboard cannot be written.", !done);
    return;
  }
  // These concern the panel alone.
  if (["ask-snooze", "ask-acknowledge", "incidents"].includes(action.do)) return;
  const requests = requestsOf(wire, action, rows);
  const failures: string[] = [];
  for (const request of requests) {
    await request().catch((error: unknown) => failures.push(messageOf(error)));
  }
  const [failure] = failures;
  const done = requests.length - failures.length;
  if (failure !== undefined) {
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
    say(`${failure}${more}`, true);
  } else if (action.do in DONE && done > 1) {
    say(`${DONE[action.do as keyof typeof DONE]} ${count(done, "row")}.`, false);
  }
}
