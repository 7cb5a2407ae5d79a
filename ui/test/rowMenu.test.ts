import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { menuOf, minutesOf, outermost } from "../src/state/rowActions";
import type { UnitKey } from "../src/state/rowActions";
import { causesOf, reportOf } from "../src/state/report";
import type { Control } from "../src/wire/wire";
import { row, rowsOf, treeOf } from "./rows";
import { all, focused, names, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = `
Root 0.5
  Shop 0.5
    Checkout 0
    Search
  Mail 0
  Web
`;

let shown: Shown | null = null;
let copied: string[] = [];
beforeEach(async () => {
  copied = [];
  vi.stubGlobal("navigator", {
    clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
  });
  shown = await show(new StubWire(treeOf(rowsOf(TEXT))));
});
afterEach(() => {
  shown?.end();
  shown = null;
  vi.unstubAllGlobals();
});

const controls = (): Control[] =>
  shown?.wire.asked.flatMap((request) => (request.ask === "control" ? [request.control] : [])) ??
  [];
const items = (): string[] => all('[role="menuitem"]').map((item) => item.textContent.trim());
const chosen = (): string[] =>
  all('[aria-selected="true"] .name').map(({ textContent }) => textContent);

async function key(name: string, more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }),
  );
  await settle();
}

function rowOf(name: string): HTMLElement {
  const found = all('[role="treeitem"]').find(
    (item) => item.querySelector(".name")?.textContent === name,
  );
  if (found === undefined) throw new Error(`no row is called ${name}`);
  return found;
}

async function mouse(name: string, type: string, more: MouseEventInit = {}): Promise<void> {
  rowOf(name).dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, ...more }));
  await settle();
}

async function pick(label: string): Promise<void> {
  const item = all('[role="menuitem"]').find(({ textContent }) => textContent.trim() === label);
  if (item === undefined) throw new Error(`no item is called ${label}: ${items().join(", ")}`);
  item.click();
  await settle();
}

describe("the menu of a row", () => {
  it("opens by each way that people try, and gives the focus back", async () => {
    await press("ArrowDown");
    const ways: [string, () => Promise<void>][] = [
      ["Shift+F10", () => key("F10", { shiftKey: true })],
      ["the menu key", () => key("ContextMenu")],
      ["the other mouse button", () => mouse("Shop", "contextmenu", { button: 2 })],
      [
        "the button",
        async () => {
          rowOf("Shop").querySelector<HTMLElement>("[data-menu]")?.click();
          await settle();
        },
      ],
    ];
    for (const [way, open] of ways) {
      await open();
      expect(one('[role="menu"]').getAttribute("aria-label"), way).toBe("Actions for Shop");
      expect(document.activeElement?.textContent.trim(), way).toBe("Check now");
      await press("Escape");
      expect(all('[role="menu"]'), way).toHaveLength(0);
      expect(focused(), way).toBe("Shop");
    }
    expect(shown?.wire.count("hide"), "Escape closed the menu alone").toBe(0);
  });

  it("opens under a finger that rests", async () => {
    vi.useFakeTimers();
    const down = new PointerEvent("pointerdown", { bubbles: true, pointerType: "touch" });
    rowOf("Mail").dispatchEvent(down);
    vi.advanceTimersByTime(600);
    vi.useRealTimers();
    await settle();
    expect(one('[role="menu"]').getAttribute("aria-label")).toBe("Actions for Mail");
    await mouse("Mail", "click");
    expect(shown?.panel.open, "lifting the finger is no click").toBe(false);
  });

  it("is walked by keyboard", async () => {
    await mouse("Mail", "contextmenu", { button: 2 });
    const walk: [string, string][] = [
      ["ArrowUp", "Copy a report (Markdown)"],
      ["ArrowDown", "Check now"],
      ["End", "Copy a report (Markdown)"],
      ["Home", "Check now"],
      ["p", "Pause"],
    ];
    for (const [name, label] of walk) {
      await press(name);
      expect(document.activeElement?.textContent.trim(), name).toBe(label);
    }
    await press("Enter");
    expect(controls()).toEqual([{ do: "pause", path: "/Root/Mail" }]);
    expect(focused()).toBe("Mail");
  });

  it("acknowledges with a note, and snoozes to a time", async () => {
    await mouse("Mail", "contextmenu", { button: 2 });
    await pick("Acknowledge…");
    const field = one("dialog input") as HTMLInputElement;
    field.value = " disk is on its way ";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    one('dialog [type="submit"]').click();
    await settle();
    const note = "disk is on its way";
    expect(controls()).toEqual([{ do: "acknowledge", path: "/Root/Mail", note }]);
    await mouse("Mail", "contextmenu", { button: 2 });
    await pick("Snooze for…");
    one('dialog [type="submit"]').click();
    await settle();
    const snooze = controls()[1];
    const span = { for: "minutes", minutes: 120 };
    expect(snooze, "two hours at first").toEqual({ do: "snooze", path: "/Root/Mail", span });
  });

  it("copies what others need to know", async () => {
    const copy = async (label: string): Promise<void> => {
      await mouse("Mail", "contextmenu", { button: 2 });
      await pick(label);
    };
    await copy("Copy the path");
    await copy("Copy the cause");
    await copy("Copy a report (Markdown)");
    expect(copied.slice(0, 2)).toEqual(["/Root/Mail", "connection refused"]);
    expect(copied[2]).toContain("## Mail: DOWN\n\n- Path: `/Root/Mail`\n");
    expect(one(".message").textContent.trim()).toBe("Copied.");
  });

  it("leads to the incidents of a tree and all below it, and from there to all", async () => {
    await mouse("Shop", "contextmenu", { button: 2 });
    await pick("Incidents here and below");
    const last = (): unknown => shown?.wire.asked.filter(({ ask }) => ask === "incidents").at(-1);
    expect(one("section[aria-label^=Incidents]").getAttribute("aria-label")).toBe(
      "Incidents below Shop",
    );
    expect(last()).toMatchObject({ path: "/Root/Shop" });
    one(".below button").click();
    await settle();
    expect(last()).toMatchObject({ path: null });
  });

  it("cannot open what has no address", async () => {
    await mouse("Mail", "contextmenu", { button: 2 });
    await pick("Open the address");
    expect(shown?.wire.count("open")).toBe(0);
    expect(all('[role="menu"]')).toHaveLength(1);
  });
});

describe("several rows", () => {
  it("are chosen by Shift and Ctrl, with the mouse and the keys", async () => {
    await mouse("Checkout", "click");
    await mouse("Mail", "click", { shiftKey: true });
    expect(chosen()).toEqual(["Checkout", "Search", "Mail"]);
    await mouse("Search", "click", { ctrlKey: true });
    expect(chosen()).toEqual(["Checkout", "Mail"]);
    expect(one(".chosen span").textContent).toBe("2 rows chosen");
    await press("Escape");
    expect(chosen()).toEqual(["Search"]);
    await key("ArrowDown", { shiftKey: true });
    await key("ArrowDown", { shiftKey: true });
    expect(chosen()).toEqual(["Search", "Mail", "Web"]);
    await press("ArrowUp");
    expect(chosen()).toEqual(["Mail"]);
    await key("a", { ctrlKey: true });
    expect(chosen()).toEqual(names());
    await key(" ", { ctrlKey: true });
    expect(chosen()).not.toContain("Mail");
  });

  it("are acted on together, and what lies in a chosen tree is part of it", async () => {
    await mouse("Shop", "click");
    await mouse("Checkout", "click", { shiftKey: true });
    await mouse("Mail", "click", { ctrlKey: true });
    await mouse("Mail", "contextmenu", { button: 2 });
    expect(one('[role="menu"]').getAttribute("aria-label")).toBe("Actions for 3 rows");
    await pick("Pause");
    expect(controls()).toEqual([
      { do: "pause", path: "/Root/Shop" },
      { do: "pause", path: "/Root/Mail" },
    ]);
    expect(one(".message").textContent.trim()).toBe("Paused 2 rows.");
  });

  it("keep those that are still there when the tree is new", async () => {
    await mouse("Search", "click");
    await mouse("Web", "click", { shiftKey: true });
    const rows = rowsOf(TEXT.replace("  Mail 0\n", ""));
    shown?.wire.emit({ event: "tree", value: treeOf(rows, 2) });
    await settle();
    expect(chosen()).toEqual(["Search", "Web"]);
  });
});

describe("a report", () => {
  it("is Markdown whatever the names and causes are", () => {
    const evil = row({
      id: 0,
      name: "<img src=x> *a*",
      path: "/R/`x`",
      level: 0,
      word: "DOWN",
      cause: { code: "body", text: "got [a](b)\n# no" },
    });
    const lines = reportOf([evil], new Map([["/R/`x`", "https://h/a"]]), 960).split("\n");
    expect(lines.filter((line) => !/Since|Checked/.test(line))).toEqual([
      "## \\<img src=x\\> \\*a\\*: DOWN",
      "",
      "- Path: `` /R/`x` ``",
      "- Address: <https://h/a>",
      "- Cause: got \\[a\\](b) \\# no (`body`)",
      "",
    ]);
  });

  it("of causes says whose each is", () => {
    const rows = rowsOf("Root 0.5\n  a 0\n  b 0\n  c");
    expect(causesOf(rows.slice(1, 2))).toBe("connection refused");
    expect(causesOf(rows)).toBe("/Root/a: connection refused\n/Root/b: connection refused");
  });
});

it("an action on a tree includes what is in it", () => {
  const rows = rowsOf("Root\n  a\n    b\n      c\n  ab");
  const paths = (of: number[]): string[] =>
    outermost(of.flatMap((id) => rows[id] ?? [])).map(({ name }) => name);
  expect(paths([1, 3, 4])).toEqual(["a", "ab"]);
  expect(paths([0, 2, 3])).toEqual(["Root"]);
});

it("the menu offers what can be done", () => {
  const labels = (more: Parameters<typeof row>[0], addresses: string[] | null): string[] =>
    menuOf([row(more)], addresses).flatMap(({ items }) =>
      items.flatMap(({ label, disabled }) => (disabled ? [] : [label])),
    );
  const up = labels({ id: 0, name: "a" }, ["https://h/"]);
  expect(up).toContain("Open the address");
  expect(up).not.toContain("Acknowledge…");
  expect(up).not.toContain("Copy the cause");
  const own = { path: "/a", since: 1, until: null, note: null };
  const standing = { paused: own, maintenance: null, snoozed: own, acknowledged: own };
  const held = labels({ id: 0, name: "a", level: 0, standing }, null);
  expect(held).toEqual(
    expect.arrayContaining(["End snooze", "Resume", "Take back the acknowledgement"]),
  );
  expect(held).not.toContain("Pause");
  expect(held).not.toContain("Open the address");
});

it.each<[string, UnitKey, number | null]>([
  ["30", "minutes", 30],
  ["1,5", "hours", 90],
  [" 2 ", "days", 2880],
  ["90", "days", 129_600],
  ["91", "days", null],
  ["0", "minutes", null],
  ["-1", "hours", null],
  ["1e3", "hours", null],
  ["", "hours", null],
])("a snooze for %j %s takes %s minutes", (amount, unit, expected) =>
  expect(minutesOf(amount, unit)).toBe(expected),
);
