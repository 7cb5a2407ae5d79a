import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Uptimes } from "../src/state/uptimes.svelte";
import type { PanelRequest } from "../src/wire/wire";
import { rowsOf, treeOf } from "./rows";
import { StubWire } from "./stub";

type Asked = Extract<PanelRequest, { ask: "uptimes" }>;

let wire: StubWire;
beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
  wire = new StubWire(treeOf(rowsOf("Root\n  a\n  b")));
});
afterEach(() => void vi.useRealTimers());

const asked = (): Asked[] =>
  wire.asked.flatMap((request) => (request.ask === "uptimes" ? [request] : []));
const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("the columns of uptime", () => {
  it("ask once for all visible rows, and again when the figures are old", async () => {
    const uptimes = new Uptimes(wire);
    uptimes.want(["/Root"]);
    await wait(1000);
    expect(asked(), "no column, no request").toEqual([]);
    uptimes.toggle(30);
    uptimes.toggle(1);
    uptimes.want(["/Root"]);
    uptimes.want(["/Root", "/Root/a", "/Root/b"]);
    await wait(1000);
    const paths = ["/Root", "/Root/a", "/Root/b"];
    expect(asked()).toEqual([{ ask: "uptimes", paths, days: [1, 30] }]);
    const figures = uptimes.values.get("/Root/a")?.map(({ uptime }) => uptime);
    expect(figures).toEqual([0.5, 0.5]);
    uptimes.want([...paths, "/Root/c"]);
    await wait(1000);
    expect(asked()[1]?.paths, "only what is not known").toEqual(["/Root/c"]);
    await wait(60_000);
    uptimes.want(paths);
    await wait(1000);
    expect(asked()[2]?.paths).toEqual(paths);
  });

  it("ask for very many rows in several requests", async () => {
    const uptimes = new Uptimes(wire);
    uptimes.toggle(7);
    const paths = Array.from({ length: 130 }, (_, at) => `/Root/${at}`);
    uptimes.want(paths);
    await wait(1000);
    expect(asked().map(({ paths }) => paths.length)).toEqual([100, 30]);
  });

  it("are remembered, and only those that there are", () => {
    const uptimes = new Uptimes(wire);
    uptimes.toggle(90);
    uptimes.toggle(7);
    uptimes.toggle(90);
    expect(new Uptimes(wire).columns.map(({ label }) => label)).toEqual(["7 d"]);
    localStorage.setItem("up.uptime-columns", '[1, 5, "x"]');
    expect(new Uptimes(wire).days).toEqual([1]);
  });
});
