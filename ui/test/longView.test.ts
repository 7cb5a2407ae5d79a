import { afterEach, describe, expect, it } from "vitest";

import {
  monthBars,
  nearestDay,
  shareOf,
  windowFigures,
  windowLabel,
  yearOf,
} from "../src/state/longView";
import { rowsOf, treeOf } from "./rows";
import { all, EMPTY_LONG_VIEW, one, press, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const midnight = (year: number, month: number, date: number): number =>
  new Date(year, month - 1, date).getTime() / 1000;
const NOW = midnight(2026, 11, 22) + 43_200;

describe("the year", () => {
  const known = { from: midnight(2026, 11, 20), uptime: 0.5, known: 86_400 };
  const squares = yearOf([known], NOW);

  it("has 365 days up to today, each in its week", () => {
    expect(squares).toHaveLength(365);
    expect(squares[0]).toMatchObject({ date: "2025-11-23", week: 0, weekday: 6 });
    expect(squares.at(-1)).toMatchObject({ date: "2026-11-22", week: 52, weekday: 6 });
    expect(new Set(squares.map(({ date }) => date)).size).toBe(365);
  });

  it("says nothing of days of which nothing is known", () => {
    expect(squares.filter(({ uptime }) => uptime !== null)).toEqual([
      { ...known, to: midnight(2026, 11, 21), date: "2026-11-20", week: 52, weekday: 4 },
    ]);
  });
});

it.each<[number | null, string]>([
  [null, "none"],
  [1, "all"],
  [0.999_99, "nearly"],
  [0.99, "nearly"],
  [0.9899, "most"],
  [0.9, "most"],
  [0.1, "less"],
  [0, "less"],
])("%s up is “%s”", (uptime, share) => expect(shareOf(uptime)).toBe(share));

it("the bars of months say what their foot and their top are", () => {
  const months = [0.97, 0.999, null].map((uptime) => ({ uptime, duration: uptime && 0.25 }));
  expect(monthBars(months, "uptime").scale).toEqual({ top: "100%", bottom: "95%" });
  expect(monthBars(months, "duration").scale).toEqual({ top: "250 ms", bottom: "0" });
});

describe("the day nearest to a span", () => {
  const days = [10, 11, 20].map((at) => ({
    from: at * 86_400,
    uptime: 1,
    known: at === 11 ? 0 : 9,
  }));
  it.each([
    [0, 1, 10],
    [12, 13, 10],
    [17, 18, 20],
    [30, 31, 20],
  ])("from day %d to %d is day %d", (from, to, day) =>
    expect(nearestDay(days, { from: from * 86_400, to: to * 86_400 })).toEqual({
      from: day * 86_400,
      to: (day + 1) * 86_400,
    }),
  );
  it("is none of nothing", () => expect(nearestDay([], { from: 0, to: 1 })).toBeNull());
});

it("labels windows", () =>
  expect([86_400, 604_800, 31_536_000].map(windowLabel)).toEqual(["24 h", "7 d", "365 d"]));

describe("the section", () => {
  let shown: Shown | null = null;
  afterEach(() => {
    shown?.end();
    shown = null;
  });

  it("shows the windows, and a day in the charts when asked", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A")));
    const now = Date.now() / 1000;
    const value = {
      ...EMPTY_LONG_VIEW,
      to: now,
      windows: [
        { seconds: 31_536_000, uptime: 0.9876, known: 99, watched: 30_000_000 },
        { seconds: 604_800, uptime: 0.9876, known: 99, watched: 86_400 },
        { seconds: 86_400, uptime: null, known: 0, watched: 0 },
      ],
    };
    wire.answers.set("long_view", { answer: "long_view", value });
    shown = await show(wire);
    await settle();
    const figures = all("details dl div").map(({ textContent }) => textContent);
    expect(figures.map((text) => text.replaceAll(/\s+/g, " ").trim())).toEqual([
      "24 h — not watched",
      "7 d 98.76% of 1 d watched",
      "365 d — nothing older",
    ]);
    expect(all(".days [role=option]")).toHaveLength(365);
    one(".days").focus();
    await press("ArrowLeft");
    const marked = one('.days [aria-selected="true"]').getAttribute("aria-label");
    expect(one(".year .remark").textContent).toBe(marked);
    await press("Enter");
    await settle();
    const asked = wire.asked.filter(({ ask }) => ask === "history").at(-1);
    expect(asked?.ask === "history" ? asked.to - asked.from : 0).toBe(86_400);
  });

  it("says of an empty span that nothing was recorded, and leads to the nearest day", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root\n  A")));
    const to = Date.now() / 1000;
    const day = { from: midnight(2026, 4, 2), uptime: 1, known: 86_400 };
    wire.answers.set("long_view", {
      answer: "long_view",
      value: { ...EMPTY_LONG_VIEW, to, days: [day] },
    });
    shown = await show(wire);
    await settle();
    expect(document.querySelector(".empty")).toBeNull();
    one(".days").focus();
    await press("Home");
    await press("Enter");
    await settle();
    expect(one(".empty").textContent).toContain("Nothing was recorded from 1970-01-01");
    expect(one(".empty").textContent).toContain("the first samples are of 2026-04-02");
    one(".empty button").click();
    await settle();
    const asked = wire.asked.filter(({ ask }) => ask === "history").at(-1);
    expect(asked).toMatchObject({ from: day.from, to: day.from + 86_400 });
  });

  it("has the hours of a week and the months, by uptime and by duration", async () => {
    const wire = new StubWire(treeOf(rowsOf("Root")));
    const none = { uptime: null, duration: null };
    const hours = Array.from({ length: 168 }, (_, at) =>
      at < 9 ? none : { uptime: at === 33 ? 0.5 : 1, duration: at === 33 ? 2 : 0.1 },
    );
    const months = Array.from({ length: 12 }, (_, at) =>
      at < 10 ? none : { uptime: at === 10 ? 0.96 : 1, duration: at === 10 ? 1 : 4 },
    );
    wire.answers.set("long_view", {
      answer: "long_view",
      value: { ...EMPTY_LONG_VIEW, hours, months },
    });
    shown = await show(wire);
    await settle();
    const cells = all(".week [role=option]");
    expect(cells).toHaveLength(168);
    const classesOf = (at: number): string => cells[at]?.className ?? "";
    expect([0, 9, 33].map((at) => classesOf(at).split(" ")[0])).toEqual([
      "share-none",
      "share-all",
      "share-less",
    ]);
    // Tuesday is a row below Monday.
    const week = one(".week");
    week.focus();
    for (const key of ["ArrowDown", ...Array.from({ length: 9 }, () => "ArrowRight")]) {
      await press(key);
    }
    const chosen = (): string =>
      one('.week [aria-selected="true"]').getAttribute("aria-label") ?? "";
    expect(chosen()).toBe("Tue 09:00: 50% up");
    expect(week.getAttribute("aria-activedescendant")).toBe("hour-33");
    await press("ArrowUp");
    expect(chosen()).toBe("Mon 09:00: 100% up");
    await press("ArrowUp");
    expect(chosen(), "there is no row above").toBe("Mon 09:00: 100% up");

    const bars = (): string[] => all(".pair .bar").map(({ style }) => style.height);
    expect(bars().slice(9)).toEqual(["0%", expect.stringMatching(/^20/), "100%"]);
    const bar = one(".pair [role=slider]");
    bar.focus();
    await press("End");
    expect(bar.getAttribute("aria-valuetext")).toBe("Dec: 100% up");
    all(".head [role=radio]")
      .find(({ textContent }) => textContent === "Duration")
      ?.click();
    await settle();
    expect(bars().slice(9)).toEqual(["0%", "25%", "100%"]);
    expect(chosen()).toBe("Mon 09:00: 100 ms on average");
    const shades = [0, 9, 33].map((at) => cells[at]?.style.getPropertyValue("--shade-of"));
    expect(shades[2]).toBe("95%");
    expect(Number.parseFloat(shades[1] ?? "")).toBeLessThan(50);
  });
});

it.each<[readonly number[], readonly string[]]>([
  [
    [180, 180, 180],
    ["24 h 50% of 3 min watched", "7 d to 30 d — nothing older"],
  ],
  [
    [0, 0, 0],
    ["24 h — not watched", "7 d to 30 d — nothing older"],
  ],
  [
    [0, 60, 60],
    ["24 h — not watched", "7 d 50% of 1 min watched", "30 d — nothing older"],
  ],
  [
    [60, 60, 120],
    ["24 h 50% of 1 min watched", "7 d 50% of 1 min watched", "30 d 50% of 2 min watched"],
  ],
  [
    [86_400, 604_800, 2_592_000],
    ["24 h 50%", "7 d 50%", "30 d 50%"],
  ],
])("windows of which %j seconds are known are %j", (known, expected) => {
  const lengths = [86_400, 604_800, 2_592_000];
  const windows = known.map((known, at) => {
    const uptime = known === 0 ? null : 0.5;
    return { seconds: lengths[at] ?? 0, uptime, known, watched: known };
  });
  const said = windowFigures(windows.reverse()).map(({ label, value, remark }) =>
    `${label} ${value} ${remark}`.trim(),
  );
  expect(said).toEqual(expected);
});
