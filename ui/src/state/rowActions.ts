/** The menu of rows: what it offers for the chosen rows, and the requests that carry it out. */
import type { Control, ControlSpan, Row } from "../wire/wire";
import { canAcknowledge } from "./effectiveControls";
import { isUp } from "./status";

/** What the menu can do with rows. */
export type RowAction =
  | { do: "check" }
  | { do: "snooze"; span: ControlSpan }
  | { do: "ask-snooze" }
  | { do: "unsnooze" }
  | { do: "ask-acknowledge" }
  | { do: "acknowledge"; note: string | null }
  | { do: "unacknowledge" }
  | { do: "pause" }
  | { do: "resume" }
  | { do: "open" }
  | { do: "incidents" }
  | { do: "copy"; what: Copied };

/** What can be copied of rows. */
export type Copied = "path" | "address" | "cause" | "report";

/** The icons of the menu. */
export type MenuIcon = "incidents" | "check" | "snooze" | "acknowledge" | "pause" | "open" | "copy";

export interface MenuItem {
  label: string;
  icon: MenuIcon | null;
  action: RowAction;
  /** True for an item that is shown and cannot be chosen. */
  disabled: boolean;
}

/** Items that belong together. */
export interface MenuGroup {
  label: string;
  items: MenuItem[];
}

/** The longest snooze of own choice, in minutes: 90 days. */
export const MAX_SNOOZE = 90 * 24 * 60;

/** The rows without those inside another one of them, because an action on a tree includes it. */
export function outermost(rows: readonly Row[]): Row[] {
  const paths = new Set(rows.map(({ path }) => path));
  return rows.filter(({ path }) => {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (paths.has(path.slice(0, end))) return false;
    }
    return true;
  });
}

/** True if a control of this kind was set for the row itself. */
function owns(row: Row, kind: "snoozed" | "acknowledged" | "paused"): boolean {
  return row.standing?.[kind]?.path === row.path;
}

/**
 * The groups of the menu for the chosen rows. `addresses` are those of the rows that have one;
 * `null` while they are not known yet. `program` is the one that is started for the only row, if one
 * is configured.
 */
export function menuOf(
  rows: readonly Row[],
  addresses: readonly string[] | null,
  program: string | null = null,
): MenuGroup[] {
  const one = rows.length === 1;
  const item = (
    label: string,
    action: RowAction,
    icon: MenuIcon | null = null,
    disabled = false,
  ): MenuItem => ({ label, icon, action, disabled });
  const causes = rows.some(({ cause, level }) => cause !== null && !isUp(level));
  const snooze = [
    item("Snooze for 15 minutes", snoozeFor(15), "snooze"),
    item("Snooze for 1 hour", snoozeFor(60)),
    item("Snooze for 4 hours", snoozeFor(240)),
    item("Snooze until tomorrow 9:00", { do: "snooze", span: { for: "tomorrow" } }),
    item("Snooze for…", { do: "ask-snooze" }),
  ];
  if (rows.some((row) => owns(row, "snoozed"))) {
    snooze.push(item("End snooze", { do: "unsnooze" }));
  }
  const state = [];
  if (rows.some(canAcknowledge)) {
    state.push(item("Acknowledge…", { do: "ask-acknowledge" }, "acknowledge"));
  }
  if (rows.some((row) => owns(row, "acknowledged"))) {
    state.push(item("Take back the acknowledgement", { do: "unacknowledge" }, "acknowledge"));
  }
  if (rows.some((row) => (row.standing?.paused ?? null) === null)) {
    state.push(item("Pause", { do: "pause" }, "pause"));
  }
  if (rows.some((row) => owns(row, "paused"))) {
    state.push(item("Resume", { do: "resume" }, "pause"));
  }
  const none = addresses === null || addresses.length === 0;
  const incidents = rows.every(({ below }) => below === 0)
    ? "Incidents"
    : "Incidents here and below";
  return [
    { label: "Check", items: [item("Check now", { do: "check" }, "check")] },
    { label: "Snooze", items: snooze },
    { label: "Alerts", items: state },
    {
      label: "Open and copy",
      items: [
        ...(one ? [item(incidents, { do: "incidents" }, "incidents")] : []),
        program === null
          ? item("Open the address", { do: "open" }, "open", none || !one)
          : item(`Open with ${nameOf(program)}`, { do: "open" }, "open"),
        item(one ? "Copy the path" : "Copy the paths", { do: "copy", what: "path" }, "copy"),
        item(
          one ? "Copy the address" : "Copy the addresses",
          { do: "copy", what: "address" },
          null,
          none,
        ),
        item(
          one ? "Copy the cause" : "Copy the causes",
          { do: "copy", what: "cause" },
          null,
          !causes,
        ),
        item("Copy a report (Markdown)", { do: "copy", what: "report" }),
      ],
    },
  ].filter(({ items }) => items.length > 0);
}

/** The name of a program, without its folder. */
const nameOf = (program: string): string => program.split(/[/\\]/).at(-1) ?? program;

const snoozeFor = (minutes: number): RowAction => ({
  do: "snooze",
  span: { for: "minutes", minutes },
});

/** The controls that an action sets, one for each row that it concerns. */
export function controlsOf(action: RowAction, rows: readonly Row[]): Control[] {
  const paths = (of: readonly Row[]): string[] => outermost(of).map(({ path }) => path);
  switch (action.do) {
    case "snooze":
      return paths(rows).map((path) => ({ do: "snooze", path, span: action.span }));
    case "acknowledge": {
      const { note } = action;
      return paths(rows.filter(canAcknowledge)).map((path) => ({ do: "acknowledge", path, note }));
    }
    case "pause": {
      const running = rows.filter((row) => (row.standing?.paused ?? null) === null);
      return paths(running).map((path) => ({ do: "pause", path }));
    }
    case "unsnooze":
      return own(rows, "snoozed").map((path) => ({ do: "unsnooze", path }));
    case "unacknowledge":
      return own(rows, "acknowledged").map((path) => ({ do: "unacknowledge", path }));
    case "resume":
      return own(rows, "paused").map((path) => ({ do: "resume", path }));
    default:
      return [];
  }
}

function own(rows: readonly Row[], kind: "snoozed" | "acknowledged" | "paused"): string[] {
  return rows.filter((row) => owns(row, kind)).map(({ path }) => path);
}

/** The units of a snooze of own choice, in minutes. */
export const UNITS = [
  { key: "minutes", label: "minutes", minutes: 1 },
  { key: "hours", label: "hours", minutes: 60 },
  { key: "days", label: "days", minutes: 1440 },
] as const;
export type UnitKey = (typeof UNITS)[number]["key"];

/** The whole minutes of a period such as `1.5` hours; `null` if it is none or above 90 days. */
export function minutesOf(amount: string, unit: UnitKey): number | null {
  if (!/^\s*\d+([.,]\d+)?\s*$/.test(amount)) return null;
  const each = UNITS.find(({ key }) => key === unit)?.minutes ?? 1;
  const minutes = Math.round(Number(amount.replace(",", ".")) * each);
  return minutes >= 1 && minutes <= MAX_SNOOZE ? minutes : null;
}
