import { afterEach, describe, expect, it } from "vitest";

import type { Control, InForce, EffectiveControls } from "../src/wire/wire";
import { headerOf, rowsOf, treeOf } from "./rows";
import { all, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = `
Root 0.5
  Checkout 0
  Search
`;
const CHECKOUT = "/Root/Checkout";
const NOTHING: EffectiveControls = {
  paused: null,
  maintenance: null,
  snoozed: null,
  acknowledged: null,
};
const given = (path: string): InForce => ({ path, since: 900, until: null, note: null });

let shown: Shown | null = null;
async function open(standing: Partial<EffectiveControls> | null = null): Promise<Shown> {
  const rows = rowsOf(TEXT);
  const row = rows[1];
  if (row !== undefined && standing !== null) row.standing = { ...NOTHING, ...standing };
  shown = await show(new StubWire(treeOf(rows)));
  shown.panel.show(CHECKOUT);
  await settle();
  return shown;
}
afterEach(() => {
  shown?.end();
  shown = null;
});

const controls = (): Control[] =>
  shown?.wire.asked.flatMap((request) => (request.ask === "control" ? [request.control] : [])) ??
  [];

async function click(name: string): Promise<void> {
  const said = (button: HTMLElement): string =>
    button.getAttribute("aria-label") ?? button.textContent.trim();
  const button = all(".details button").find((button) => said(button) === name);
  if (button === undefined) throw new Error(`no button is called ${name}`);
  button.click();
  await settle();
}

describe("the controls of a source", () => {
  it("snooze it for each of the choices", async () => {
    await open();
    await click("Snooze Checkout: 15 min");
    await click("Snooze Checkout: 1 h");
    await click("Snooze Checkout: Tomorrow 9:00");
    expect(controls()).toEqual([
      { do: "snooze", path: CHECKOUT, span: { for: "minutes", minutes: 15 } },
      { do: "snooze", path: CHECKOUT, span: { for: "minutes", minutes: 60 } },
      { do: "snooze", path: CHECKOUT, span: { for: "tomorrow" } },
    ]);
  });

  it("acknowledge it, with a note or without, by keyboard", async () => {
    await open();
    await click("Acknowledge…");
    const input = one(".controls input") as HTMLInputElement;
    expect(document.activeElement).toBe(input);
    await press("Escape");
    expect(document.activeElement?.textContent, "back where it began").toContain("Acknowledge");
    await click("Acknowledge…");
    const again = one(".controls input") as HTMLInputElement;
    again.value = " disk is full ";
    again.dispatchEvent(new Event("input", { bubbles: true }));
    again.focus();
    await click("Acknowledge");
    // The field and its button are gone, and the focus stays among the controls.
    expect(one(".controls").contains(document.activeElement)).toBe(true);
    await click("Acknowledge…");
    await click("Acknowledge");
    expect(controls()).toEqual([
      { do: "acknowledge", path: CHECKOUT, note: "disk is full" },
      { do: "acknowledge", path: CHECKOUT, note: null },
    ]);
  });

  it("keep a half-written note while the source is checked, but not for another source", async () => {
    const { wire, panel } = await open();
    await click("Acknowledge…");
    const input = one(".controls input") as HTMLInputElement;
    input.value = "disk is";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const rows = rowsOf(TEXT).map((row) => ({ ...row, date: 1_030 }));
    wire.emit({ event: "rows", value: { shape: 1, rows, header: headerOf(rows) } });
    await settle();
    expect(document.activeElement).toBe(one(".controls input"));
    expect((document.activeElement as HTMLInputElement).value).toBe("disk is");
    panel.show("/Root");
    await settle();
    expect(all(".controls input")).toEqual([]);
  });

  it("pause it, and offer nothing to acknowledge of what is up", async () => {
    const { panel } = await open();
    await click("Pause");
    expect(controls()).toEqual([{ do: "pause", path: CHECKOUT }]);
    panel.show("/Root/Search");
    await settle();
    expect(one(".controls").textContent).not.toContain("Acknowledge");
  });

  it("are undone in the details, in the row and by the Delete key", async () => {
    await open({ snoozed: given(CHECKOUT), paused: given(CHECKOUT) });
    expect(one(".marks").getAttribute("role")).toBe("status");
    await click("Resume");
    await click("End snooze");
    const item = one(`[data-path="${CHECKOUT}"]`);
    expect(item.textContent).toContain("snoozed");
    expect(item.getAttribute("aria-keyshortcuts")).toBe("Shift+F10 Control+I Delete");
    item.querySelector<HTMLElement>('[data-undo="snooze"]')?.click();
    await settle();
    item.focus();
    await press("Delete");
    expect(controls().map((control) => control.do)).toEqual([
      "resume",
      "unsnooze",
      "unsnooze",
      "resume",
    ]);
  });

  it("are shown at the tree that has them, and in the details with whose they are", async () => {
    const { panel } = await open({ paused: given("/Root") });
    const item = one(`[data-path="${CHECKOUT}"]`);
    expect(item.textContent).not.toContain("paused");
    expect(one(".controls .marks").textContent).toContain("paused with Root");
    expect(item.querySelector("[data-undo]")).toBeNull();
    expect(item.getAttribute("aria-keyshortcuts")).toBe("Shift+F10 Control+I");
    await click("Show Root");
    expect(panel.tree.selected).toBe("/Root");
  });

  it("say why one could not be taken", async () => {
    const { wire, panel } = await open();
    wire.answers.set("control", { answer: "failed", value: "/Root/Checkout is paused already." });
    await click("Pause");
    expect(panel.message).toEqual({ text: "/Root/Checkout is paused already.", bad: true });
  });

  it("end a snooze of all", async () => {
    const { wire } = await open();
    const tree = treeOf(rowsOf(TEXT), 2, { muted: { until: null } });
    wire.emit({ event: "tree", value: tree });
    expect(one(".muted").textContent).toContain("Notifications are muted.");
    one(".muted button").click();
    await settle();
    expect(controls()).toEqual([{ do: "unmute" }]);
  });
});
