import { afterEach, describe, expect, it } from "vitest";

import { Panel } from "../src/state/panel.svelte";
import { headerOf, row, rowsOf, treeOf } from "./rows";
import { all, focused, names, one, press, resize, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = `
Root 0.75
  Shop 0.5
    Checkout 0
    Search
  Office
    Router
`;
const EVIL = "<img src=x onerror=alert(1)>";

let shown: Shown | null = null;
async function open(text = TEXT): Promise<Shown> {
  shown = await show(new StubWire(treeOf(rowsOf(text))));
  return shown;
}
afterEach(() => {
  shown?.end();
  shown = null;
});

describe("the tree", () => {
  it("has the roles, levels and places that a screen reader needs", async () => {
    await open();
    expect(one('[role="tree"]').getAttribute("aria-label")).toBe("Sources");
    const said = all('[role="treeitem"]').map((item) =>
      ["level", "posinset", "setsize", "expanded", "selected"].map((name) =>
        item.getAttribute(`aria-${name}`),
      ),
    );
    expect(said.slice(0, 4)).toEqual([
      ["1", "1", "1", "true", "true"],
      ["2", "1", "2", "true", "false"],
      ["3", "1", "2", null, "false"],
      ["3", "2", "2", null, "false"],
    ]);
    expect(all('[role="treeitem"][tabindex="0"]')).toHaveLength(1);
    const heard = [...(all('[role="treeitem"]')[2]?.querySelectorAll("span") ?? [])].map(
      (part) => part.textContent,
    );
    expect(heard.filter(Boolean).slice(0, 5)).toEqual([
      "Checkout",
      "DOWN",
      "120 ms",
      ",",
      "connection refused",
    ]);
  });

  it("is walked by keyboard", async () => {
    await open();
    expect(focused()).toBe("Root");
    const walk: [string, string][] = [
      ["ArrowDown", "Shop"],
      ["ArrowRight", "Checkout"],
      ["ArrowDown", "Search"],
      ["ArrowLeft", "Shop"],
      ["ArrowLeft", "Shop"],
      ["ArrowDown", "Office"],
      ["r", "Router"],
      ["Home", "Root"],
      ["End", "Router"],
    ];
    for (const [key, name] of walk) {
      await press(key);
      expect(focused(), `after ${key}`).toBe(name);
    }
    expect(names(), "Shop was closed on the way").toEqual(["Root", "Shop", "Office", "Router"]);
    await press("ArrowLeft");
    await press("*");
    expect(names(), "* opens all siblings").toContain("Checkout");
  });

  it("goes to the filter by / and back by Escape, which at last hides the window", async () => {
    const { wire, panel } = await open();
    await press("/");
    expect(document.activeElement?.tagName).toBe("INPUT");
    panel.tree.text = "rout";
    await settle();
    expect(names()).toEqual(["Root", "Office", "Router"]);
    await press("Escape");
    expect(panel.tree.text).toBe("");
    await press("Escape");
    expect(focused()).toBe("Root");
    expect(wire.count("hide")).toBe(0);
    await press("Escape");
    expect(wire.count("hide")).toBe(1);
  });

  it("shows only what is not up when asked to", async () => {
    await open();
    one('[aria-pressed="false"][title^="Show only"]').click();
    await settle();
    expect(names()).toEqual(["Root", "Shop", "Checkout"]);
  });

  it("keeps selection, focus and closed trees when rows change and when the tree is new", async () => {
    const { wire, panel } = await open();
    await press("End");
    panel.tree.expand(["/Root/Shop"], false);
    const before = one('[aria-selected="true"]');
    const router = { ...rowsOf(TEXT)[5], level: 0, status: 0, word: "DOWN" } as ReturnType<
      typeof row
    >;
    wire.emit({ event: "rows", value: { shape: 1, rows: [router], header: headerOf([router]) } });
    await settle();
    expect(one('[aria-selected="true"]'), "the same element").toBe(before);
    expect(before.querySelector(".word")?.textContent).toBe("DOWN");
    expect(focused()).toBe("Router");

    const grown = rowsOf(TEXT.replace("  Shop", "  First\n  Shop"));
    wire.emit({ event: "tree", value: treeOf(grown, 2) });
    await settle();
    expect(names()).toEqual(["Root", "First", "Shop", "Office", "Router"]);
    expect(one('[aria-selected="true"]')).toBe(before);
    expect(focused()).toBe("Router");
  });

  it("asks for the tree when rows are of another shape, and only once", async () => {
    const { wire } = await open();
    const changed = { shape: 9, rows: [], header: headerOf([]) };
    wire.emit({ event: "rows", value: changed });
    wire.emit({ event: "rows", value: changed });
    await settle();
    expect(wire.count("tree")).toBe(2);
  });

  it("shows what the tray asks for, wherever it is hidden", async () => {
    const { wire, panel } = await open();
    panel.tree.expand(["/Root/Shop", "/Root"], false);
    panel.tree.text = "router";
    wire.emit({ event: "show", value: "/Root/Shop/Checkout" });
    await settle();
    expect(names()).toContain("Checkout");
    expect(one('[aria-selected="true"]').textContent).toContain("Checkout");
    wire.emit({ event: "show", value: "/No/Such" });
    expect(panel.tree.selected).toBe("/Root/Shop/Checkout");
  });

  it("shows what is asked for even before there is a tree", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    const panel = new Panel(wire);
    const started = panel.start();
    wire.emit({ event: "show", value: "/Root/Office/Router" });
    await started;
    expect([panel.tree.selected, panel.open]).toEqual(["/Root/Office/Router", true]);
  });

  it("shows names, causes and targets as text", async () => {
    const rows = rowsOf(`Root\n  ${EVIL}`);
    const leaf = row({
      ...rows[1],
      id: 1,
      name: EVIL,
      level: 0,
      cause: { code: "body", text: `${EVIL}!` },
    });
    const wire = new StubWire(treeOf([rows[0] ?? leaf, leaf]));
    const value = {
      row: leaf,
      target: EVIL,
      address: null,
      program: null,
      interval: 30,
      timeout: 10,
      timing: [],
      facts: [{ label: EVIL, text: EVIL }],
    };
    wire.answers.set("source", { answer: "source", value });
    shown = await show(wire);
    await press("End");
    expect(document.querySelector("img")).toBeNull();
    expect(names()).toEqual(["Root", EVIL]);
    expect(one(".details").textContent).toContain(`${EVIL}!`);
  });

  it("keeps only rows near the view in the document, and the one with the focus", async () => {
    const leaves = Array.from({ length: 250 }, (_, at) => `  leaf ${at}x`).join("\n");
    const { panel } = await open(`Root\n${leaves}`);
    expect(panel.tree.lines).toHaveLength(251);
    expect(names().length).toBeLessThan(60);
    panel.tree.select("/Root/leaf 249x");
    await settle();
    expect(names()).toContain("leaf 249x");
    for (const [path, name, top] of [
      ["/Root/leaf 249x", "leaf 249x", 0],
      ["/Root", "Root", 6000],
    ] as const) {
      panel.tree.select(path);
      await settle();
      one(".scroller").scrollTop = top;
      one(".scroller").dispatchEvent(new Event("scroll"));
      await settle();
      expect(names(), `${name} when scrolled to ${top}`).toContain(name);
    }
  });

  it("keeps what is read in its place when rows above it grow", async () => {
    const leaves = Array.from({ length: 100 }, (_, at) => `  leaf ${at}x`).join("\n");
    const { wire } = await open(`Root\n${leaves}`);
    const scroller = one(".scroller");
    scroller.scrollTop = 1500;
    scroller.dispatchEvent(new Event("scroll"));
    await settle();
    const cause = { code: "timeout", text: "no whole answer within 10 s" };
    const rows = wire.tree.rows.slice(3, 5).map((row) => ({ ...row, level: 0, status: 0, cause }));
    wire.emit({ event: "rows", value: { shape: 1, rows, header: headerOf(wire.tree.rows) } });
    await settle();
    expect(scroller.scrollTop, "two rows grew by 16 pixels").toBe(1532);
  });
});

describe("the header", () => {
  it.each<[string, string, string]>([
    [TEXT, "MOSTLY UP", "1 of 3 not up"],
    ["Root\n  A\n  B", "UP", "All 2 up"],
    ["Root ?\n  A ?\n  B", "UNKNOWN", "1 of 2 up · 1 unknown"],
    ["Root -\n  A -", "WAITING", "Checking 1 source…"],
  ])("of %j says %s, %s", async (text, word, counts) => {
    await open(text);
    expect(one("header .word").textContent).toBe(word);
    expect(one("header .counts").textContent).toBe(counts);
  });

  it("asks for a check, and shows that it is under way until it is done", async () => {
    const { wire } = await open();
    one('[aria-label="Check everything now"]').click();
    await settle();
    expect(wire.asked.at(-1)).toEqual({ ask: "check_now", path: null });
    const rows = wire.tree.rows;
    wire.emit({
      event: "rows",
      value: { shape: 1, rows: [], header: headerOf(rows, { checking: true }) },
    });
    expect(one('[role="progressbar"]').getAttribute("aria-valuenow")).toBe("0");
    wire.emit({ event: "rows", value: { shape: 1, rows: [], header: headerOf(rows) } });
    expect(document.querySelector('[role="progressbar"]')).toBeNull();
  });

  it("changes the mood by keyboard", async () => {
    const { wire } = await open();
    one('[role="radio"][aria-checked="true"]').focus();
    await press("ArrowRight");
    expect(wire.asked).toContainEqual({ ask: "mood", mood: "pessimist" });
  });
});

describe("what is wrong", () => {
  it("stands in full until it is mended, with a way to mend it", async () => {
    const text = "up.toml:3:1: unknown key\n  |\n3 | timout\n  | ^^^^^^";
    const problems = [{ about: "config" as const, text }];
    const wire = new StubWire(treeOf(rowsOf(TEXT), 1, { problems }));
    shown = await show(wire);
    expect(one(".problems pre").textContent).toBe(text);
    one(".problems button").click();
    await settle();
    expect(wire.count("open_config")).toBe(1);
    expect(one(".message").textContent).toContain("Opening");
    wire.emit({ event: "tree", value: treeOf(rowsOf(TEXT), 2) });
    expect(document.querySelector(".problems")).toBeNull();
  });

  it("is said when an action fails", async () => {
    const { wire } = await open();
    wire.answers.set("check_now", { answer: "failed", value: "the engine is stopping" });
    one('[aria-label="Check everything now"]').click();
    await settle();
    expect(one('[role="alert"]').textContent.trim()).toBe("the engine is stopping");
  });

  it("is said of the start at login, which a switch changes", async () => {
    const { wire } = await open();
    const knob = () => one('footer [role="switch"]');
    expect(knob().getAttribute("aria-checked")).toBe("false");
    const header = { startsAtLogin: true };
    wire.answers.set("tree", { answer: "tree", value: treeOf(rowsOf(TEXT), 1, header) });
    knob().click();
    await settle();
    expect(wire.asked).toContainEqual({ ask: "start_at_login", on: true });
    expect(knob().getAttribute("aria-checked")).toBe("true");
    expect(one(".message").textContent).toContain("starts when you log in");
    wire.answers.set("start_at_login", { answer: "failed", value: "the folder is read-only" });
    knob().click();
    await settle();
    expect(one('[role="alert"]').textContent.trim()).toBe("the folder is read-only");
  });

  it("is said when nobody answers at all, and can be tried again", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    wire.answers.set("tree", { answer: "failed", value: "not yet" });
    shown = await show(wire);
    expect(one('[role="alert"]').textContent).toContain("not yet");
    wire.answers.delete("tree");
    one('[role="alert"] button').click();
    await settle();
    expect(names()).toContain("Checkout");
  });
});

describe("with nothing to watch", () => {
  it.each<[string | null, string, string]>([
    [null, "/home/ada/elsewhere.toml", "Create and open up.toml"],
    ["/home/ada/up.toml", "/home/ada/up.toml", "Open up.toml"],
  ])("and the configuration %s at %s it begins with: %s", async (config, place, label) => {
    shown = await show(new StubWire(treeOf([], 1, { config, place })));
    expect(one(".page").textContent).toMatch(RegExp(`${place}.*\\[\\[source`, "s"));
    const button = all("button").find((button) => button.textContent.trim() === label);
    button?.click();
    await settle();
    expect(shown.wire.count("open_config")).toBe(1);
  });
});

describe("in a narrow window", () => {
  afterEach(() => resize(1024));

  it("details cover the tree from Enter to Escape, and the focus goes along", async () => {
    resize(420);
    const { wire } = await open();
    expect(document.querySelector(".details")).toBeNull();
    await press("End");
    await press("Enter");
    expect(one(".details h2").textContent).toBe("Router");
    expect(one(".side").inert).toBe(true);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Back to the tree");
    await press("Escape");
    expect(document.querySelector(".details")).toBeNull();
    expect(focused()).toBe("Router");
    expect(wire.count("hide")).toBe(0);
  });

  it("a click opens details, and one on the chevron only closes the tree", async () => {
    resize(420);
    await open();
    one('[role="treeitem"][aria-posinset="1"][aria-level="2"] [data-fold]').click();
    await settle();
    expect(document.querySelector(".details")).toBeNull();
    expect(names()).not.toContain("Checkout");
    all('[role="treeitem"]').at(-1)?.click();
    await settle();
    expect(one(".details h2").textContent).toBe("Router");
  });
});

describe("details", () => {
  it("follow the selection, and are asked for again when the source has answered", async () => {
    const { wire } = await open();
    await press("End");
    expect(wire.asked).toContainEqual({ ask: "source", path: "/Root/Office/Router" });
    expect(one(".details h2").textContent).toBe("Router");
    const [asked, histories] = [wire.count("source"), wire.count("history")];
    const router = { ...rowsOf(TEXT)[5], date: 2000 } as ReturnType<typeof row>;
    wire.emit({ event: "rows", value: { shape: 1, rows: [router], header: headerOf([router]) } });
    await settle();
    expect(wire.count("source")).toBe(asked + 1);
    expect(wire.count("history"), "one sample more is no other history").toBe(histories);
  });

  it("take a note, confirm it, and go where one is wanted", async () => {
    const { wire } = await open();
    wire.emit({ event: "note" });
    await settle();
    const input = document.activeElement as HTMLInputElement;
    expect(input.getAttribute("aria-label")).toBe("A note for now");
    input.value = "  Moved house ";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    input.form?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await settle();
    const [sent] = wire.asked.filter((request) => request.ask === "edit_notes");
    const added = { message: "Moved house", path: null, date: expect.any(Number) as number };
    expect(sent?.edit).toEqual({ removed: null, added });
    expect(one(".said p").textContent).toBe("Noted: Moved house");
    expect(input.value).toBe("");
    await press("Escape");
    expect([focused(), wire.count("hide")], "leaves the field, not the window").toEqual([
      "Root",
      0,
    ]);
  });
});
