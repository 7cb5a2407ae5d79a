import { mount, unmount } from "svelte";
import { expect, it } from "vitest";

import SaveButtons from "../src/view/SaveButtons.svelte";
import { one, settle } from "./stub";

it("keeps the focus on the button that saves, while it does and afterwards", async () => {
  let saved: (path: string) => void = () => undefined;
  const write = (): Promise<string> => new Promise((resolve) => (saved = resolve));
  const kinds = [{ label: "CSV", title: "Save all", write }];
  const shown = mount(SaveButtons, { target: document.body, props: { caption: "Save", kinds } });
  const button = one(".save button") as HTMLButtonElement;
  button.focus();
  button.click();
  await settle();
  expect([button.disabled, document.activeElement]).toEqual([false, button]);
  saved("/home/ada/up.csv");
  await settle();
  expect(one("[role=status]").textContent).toBe("Saved as /home/ada/up.csv");
  expect(document.activeElement).toBe(button);
  await unmount(shown);
});
