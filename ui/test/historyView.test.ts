import { flushSync } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { clock } from "../src/state/format";
import type { HistoryView } from "../src/wire/wire";
import { rowsOf, treeOf, UNTOLD } from "./rows";
import { all, EMPTY_HISTORY, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const TEXT = "Root\n  A\n  B";

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

describe("the figures of the history", () => {
  it("are those of the store, whatever was thinned", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    const value: HistoryView = {
      ...EMPTY_HISTORY,
      dates: [0, 30],
      statuses: [1, 0],
      durations: [1, 9],
      count: 900,
      unknown: 4,
      p50: 0.12,
      p95: 0.3,
      p99: 9,
      counts: { down: 794, degraded: 3, longest: 180 },
      thinned: true,
      uptime: 0.9,
    };
    wire.answers.set("history", { answer: "history", value });
    shown = await show(wire);
    const figures = all(".figures div").map(({ textContent }) =>
      textContent.replaceAll(/\s+/g, " ").trim(),
    );
    expect(figures).toEqual([
      "Uptime 90%",
      "Down 794 longest 3 min",
      "Degraded 3",
      "Median 120 ms 95% within 300 ms, 99% within 9.00 s",
    ]);
    expect(one(".store").textContent).toContain(
      "900 samples and 4 unknown from the embedded history",
    );
  });

  it("list the incidents with their causes, each of which the charts show when asked", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    const cause = { code: "status", text: "HTTP 503" };
    const value: HistoryView = {
      ...EMPTY_HISTORY,
      dates: [50_000],
      statuses: [1],
      durations: [1],
      count: 1,
      to: 86_400,
      counts: { down: 1, degraded: 0, longest: 600 },
      incidents: [{ path: "/Root", from: 50_000, until: 50_600, level: 0, cause, ...UNTOLD }],
    };
    wire.answers.set("history", { answer: "history", value });
    shown = await show(wire);
    const [from, to] = [clock(50_000), clock(50_600)];
    expect(one("tbody tr").textContent).toMatch(
      new RegExp(`${from}\\s*${to}\\s*10 min\\s*down\\s*HTTP 503`),
    );
    one("tbody button").click();
    await settle();
    const lastSpan = (): { from: number; to: number } | undefined =>
      wire.asked.filter((it) => it.ask === "history").at(-1);
    expect(lastSpan()).toMatchObject({ from: 49_400, to: 51_200 });
    expect(document.querySelector('.ranges [aria-checked="true"]')).toBeNull();
    one(".length .quiet").click();
    await settle();
    const { from: begin = 0, to: end = 0 } = lastSpan() ?? {};
    expect(Math.round(end - begin)).toBe(86_400);
  });

  it("ask for another span of the history when told to", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    shown = await show(wire);
    all(".ranges button")
      .find(({ textContent }) => textContent === "7 d")
      ?.click();
    await settle();
    const asked = wire.asked.filter((request) => request.ask === "history").at(-1);
    expect(asked?.ask === "history" ? Math.round(asked.to - asked.from) : 0).toBe(604_800);
  });

  it("follow the span that is moved and zoomed by keyboard", async () => {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    shown = await show(wire);
    const press = async (label: string): Promise<[number, number]> => {
      one(`[aria-label="${label}"]`).click();
      await settle();
      const asked = wire.asked.filter((request) => request.ask === "history").at(-1);
      if (asked?.ask !== "history") throw new Error("no history was requested");
      return [Math.round(asked.from), Math.round(asked.to)];
    };
    const end = EMPTY_HISTORY.to;
    expect(await press("Zoom in")).toEqual([end - 2_700, end - 900]);
    expect(await press("Earlier")).toEqual([end - 3_600, end - 1_800]);
    expect(await press("Later")).toEqual([end - 2_700, end - 900]);
    expect(await press("Zoom out")).toEqual([end - 3_600, end]);
  });

  it("stand by the clocks that are chosen, as do the days of the year", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root")));
    shown = await show(wire);
    const choose = async (label: string): Promise<void> => {
      all("[role=radio]")
        .find(({ textContent }) => textContent === label)
        ?.click();
      await settle();
    };
    await choose("UTC");
    const end = one(".end:nth-child(2) input");
    expect(end instanceof HTMLInputElement && end.value).toBe("1970-01-02 00:00");
    expect(wire.asked.filter(({ ask }) => ask === "long_view").at(-1)).toMatchObject({ utc: true });
    expect(localStorage.getItem("up.utc")).toBe("true");
    await choose("Local");
    expect(wire.asked.filter(({ ask }) => ask === "long_view").at(-1)).toMatchObject({
      utc: false,
    });
  });

  it("keep the scale of durations that was chosen", async () => {
    shown = await show(new StubWire(treeOf(rowsOf("Root"))));
    const log = all("[role=radio]").find(({ textContent }) => textContent === "Log");
    expect(log?.getAttribute("aria-checked")).toBe("false");
    log?.click();
    await settle();
    expect(log?.getAttribute("aria-checked")).toBe("true");
    expect(localStorage.getItem("up.log")).toBe("true");
  });
});

/** Two trees with 103 sources, which are all up now but for two. */
function manySources(): StubWire {
  const sources = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => {
      const name = `    S${from + at}`;
      return [7, 102].includes(from + at) ? `${name} 0` : name;
    }).join("\n");
  const text = `Root\n  Shop\n${sources(0, 60)}\n  Office\n${sources(60, 103)}`;
  const wire = new StubWire(treeOf(rowsOf(text)));
  const band = { path: "/Root/Shop/S0", parts: [], uptime: 1, watched: 86_400, error: null };
  wire.answers.set("bands", { answer: "bands", value: [band] });
  return wire;
}
const comparedIn = (wire: StubWire): string[] => {
  const asked = wire.asked.filter(({ ask }) => ask === "bands").at(-1);
  return asked?.ask === "bands" ? asked.paths : [];
};

it("a large tree shows the least up of its sources on one time axis, and says so", async () => {
  const wire = manySources();
  const found = wire.tree.rows.map(({ path }) => {
    const uptime = path.endsWith("/S99") ? 0.2 : path.endsWith("/S3") ? 0.5 : 1;
    return { path, uptime, watched: 86_400, deviation: 0, count: 9, level: 4 };
  });
  // Nothing is known of the first sources, and what was watched for a minute is behind the others.
  const paths = found.slice(5).map((one) => {
    return one.path.endsWith("/S50") ? { ...one, uptime: 0, watched: 60 } : one;
  });
  wire.answers.set("overview", {
    answer: "overview",
    value: { paths, store: "the embedded history", fallback: null },
  });
  shown = await show(wire);
  shown.panel.show("/Root");
  await settle();
  const compared = comparedIn(wire);
  expect([compared.length, compared[0], compared[1]]).toEqual([
    100,
    "/Root/Office/S99",
    "/Root/Shop/S3",
  ]);
  expect(compared.slice(-1)).toEqual(["/Root/Shop/S50"]);
  expect(one('[aria-label="What is below Root"] .name').textContent).toBe("Shop › S0");
  expect(document.body.textContent).toContain(
    "The 100 least up of 103 sources below, side by side",
  );
  expect(document.body.textContent).toContain("3 that were better");
});

it("a large tree shows the sources that are worst now if the uptimes cannot be read", async () => {
  const wire = manySources();
  wire.answers.set("overview", { answer: "failed", value: "No history answered within 20 s." });
  shown = await show(wire);
  shown.panel.show("/Root");
  await settle();
  expect(comparedIn(wire).slice(0, 3)).toEqual([
    "/Root/Shop/S7",
    "/Root/Office/S102",
    "/Root/Shop/S0",
  ]);
  expect(document.body.textContent).toContain("The 100 worst of 103 sources below, side by side");
  expect(document.body.textContent).toContain("No history answered within 20 s.");
});

it("an empty history is asked for again soon, and a full one is not", async () => {
  vi.useFakeTimers({ now: 1_795_348_800_000 });
  const seconds = async (count: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(count * 1_000);
    flushSync();
  };
  try {
    const wire = new StubWire(treeOf(rowsOf(TEXT)));
    const showing = show(wire);
    await seconds(0.1);
    shown = await showing;
    const empty = wire.count("history");
    await seconds(3);
    expect(wire.count("history") - empty).toBeGreaterThanOrEqual(2);
    const full = { ...EMPTY_HISTORY, count: 900 };
    wire.answers.set("history", { answer: "history", value: full });
    await seconds(2);
    const before = wire.count("history");
    await seconds(20);
    expect(wire.count("history") - before).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
