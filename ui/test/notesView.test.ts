/** The notes of a history: written, changed and removed. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { HistoryView, Note, NoteEdit } from "../src/wire/wire";
import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_HISTORY, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const FIRST: Note = { message: "Frist", date: 50_000.25, path: null };
const OWN: Note = { message: "Cable", date: 60_000, path: "/Root/Shop/Web" };
const FOREIGN: Note = { message: "Theirs", date: 70_000, path: null };

let wire: StubWire;
let shown: Shown;
beforeEach(async () => {
  wire = new StubWire(treeOf(rowsOf("Root\n  Shop\n    Web\n  Office")));
  const value: HistoryView = {
    ...EMPTY_HISTORY,
    dates: [50_000],
    statuses: [1],
    durations: [1],
    count: 1,
    to: 86_400,
    notes: [FIRST, OWN],
    foreignNotes: [FOREIGN],
  };
  wire.answers.set("history", { answer: "history", value });
  shown = await show(wire);
  await press("ArrowDown");
  await settle();
});
afterEach(() => shown.end());

const listed = (): string[] =>
  all("ul li .text").map(({ textContent }) => textContent.replaceAll(/\s+/g, " ").trim());
const button = (label: string): HTMLElement => one(`button[aria-label="${label}"]`);
const sent = (): (NoteEdit | undefined)[] =>
  wire.asked.flatMap((request) => (request.ask === "edit_notes" ? [request.edit] : []));
const said = (): string => one(".said p").textContent;

async function write(label: string, text: string): Promise<void> {
  const input = one(`input[aria-label^="${label}"]`) as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
}
async function click(target: HTMLElement): Promise<void> {
  target.click();
  await settle();
}
async function submit(): Promise<void> {
  const form = one('form[aria-label$=" a note"]') as HTMLFormElement;
  form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settle();
}

it("are listed with what they are about, those of others without buttons", () => {
  expect(listed()).toEqual(["Theirs everything", "Cable Web", "Frist everything"]);
  expect(all('button[aria-label="Remove the note: Theirs"]')).toEqual([]);
});

it("are about the path or about everything, as chosen", async () => {
  await write("A note", "Moved");
  await submit();
  await write("A note", "Holiday");
  await click(one('[aria-label="What the note is about"] [role=radio]:last-of-type'));
  await submit();
  expect(sent().map((edit) => [edit?.added?.message, edit?.added?.path])).toEqual([
    ["Moved", "/Root/Shop"],
    ["Holiday", null],
  ]);
});

it("name what they would be about: the path, or that of the note that is changed", async () => {
  const only = (): (string | null)[] => {
    const choice = one('[aria-label="What the note is about"] [role=radio]');
    return [choice.textContent.trim(), choice.getAttribute("title")];
  };
  expect(only()).toEqual(["Only Root › Shop", "/Root/Shop"]);
  await click(button("Change the note: Cable"));
  expect(only()).toEqual(["Only Root › Shop › Web", "/Root/Shop/Web"]);
});

it("name a long path cut in the middle", async () => {
  shown.end();
  const deep = `${"deep ".repeat(12)}end`;
  wire = new StubWire(treeOf(rowsOf(`Root\n  ${deep}`)));
  shown = await show(wire);
  await press("ArrowDown");
  await settle();
  const choice = one('[aria-label="What the note is about"] [role=radio]');
  expect(choice.textContent.trim()).toMatch(/^Only Root › deep .*….*deep end$/);
  expect(choice.textContent.trim().length).toBeLessThan(45);
  expect(choice.getAttribute("title")).toBe(`/Root/${deep}`);
});

it("are changed where they stand; what was begun before stays", async () => {
  await write("A note", "half-writ");
  await click(button("Change the note: Frist"));
  expect((one('input[aria-label="The text of the note"]') as HTMLInputElement).value).toBe("Frist");
  await write("The text of the note", "First");
  await submit();
  // The time was not touched, so that it is the same to the microsecond.
  expect(sent()).toEqual([{ removed: FIRST, added: { ...FIRST, message: "First" } }]);
  expect(listed()).toContain("First everything");
  expect(listed()).not.toContain("Frist everything");
  expect((one('input[aria-label^="A note"]') as HTMLInputElement).value).toBe("half-writ");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Change the note: First");
});

it("are begun for one source, and wait there", async () => {
  await write("A note", "half-writ");
  await write("When", "14:30");
  await click(button("Change the note: Frist"));
  await click(button("Change the note: Cable"));
  one('[role="treeitem"][aria-selected="true"]').focus();
  await press("ArrowDown");
  await settle();
  expect((one('input[aria-label^="A note"]') as HTMLInputElement).value).toBe("");
  await press("ArrowUp");
  await settle();
  const fields = ["A note", "When"].map(
    (label) => (one(`input[aria-label^="${label}"]`) as HTMLInputElement).value,
  );
  expect(fields).toEqual(["half-writ", "14:30"]);
});

it("keep the focus of a button when another one comes", async () => {
  button("Remove the note: Frist").focus();
  const others: Note = { message: "New", date: Date.now() / 1000, path: null };
  wire.noteEdits = [{ removed: null, added: others }];
  await vi.waitFor(() => expect(listed()[0]).toContain("New"), { timeout: 5_000 });
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove the note: Frist");
});

it("may be put back once more when that failed", async () => {
  await click(button("Remove the note: Frist"));
  wire.answers.set("edit_notes", { answer: "failed", value: "Up is ending." });
  await click(document.activeElement as HTMLElement);
  expect(one(".said p").textContent).toBe("Not put back: Up is ending.");
  expect(one(".said button").textContent.trim()).toBe("Undo");
});

it("of another part stay there when they are changed", async () => {
  await click(button("Change the note: Cable"));
  await write("The text of the note", "Cables");
  await submit();
  expect(sent()).toEqual([{ removed: OWN, added: { ...OWN, message: "Cables" } }]);
});

it("are left as they are by Escape, which leaves the panel open", async () => {
  await click(button("Change the note: Frist"));
  const field = one('input[aria-label="The text of the note"]') as HTMLInputElement;
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  await settle();
  expect(all('input[aria-label="The text of the note"]')).toEqual([]);
  expect([sent(), wire.count("hide")]).toEqual([[], 0]);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Change the note: Frist");
});

it("are removed, and put back", async () => {
  await click(button("Remove the note: Frist"));
  expect([listed(), said()]).toEqual([["Theirs everything", "Cable Web"], "Removed: Frist"]);
  expect(document.activeElement?.textContent.trim()).toBe("Undo");
  await click(document.activeElement as HTMLElement);
  expect(listed()).toContain("Frist everything");
  expect(sent()).toEqual([
    { removed: FIRST, added: null },
    { removed: null, added: FIRST },
  ]);
});

it("stay when they cannot be removed, and that is said", async () => {
  wire.answers.set("edit_notes", { answer: "failed", value: "Up is ending." });
  await click(button("Remove the note: Frist"));
  expect([listed().length, said()]).toEqual([3, "Not removed: Up is ending."]);
});
