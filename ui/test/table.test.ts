import { afterEach, expect, it } from "vitest";

import {
  bandTable,
  incidentTable,
  longViewTable,
  metricTable,
  overviewTable,
} from "../src/state/table";
import type { PastIncident } from "../src/wire/wire";
import { rowsOf, treeOf, UNTOLD } from "./rows";
import { EMPTY_LONG_VIEW, one, settle, show, StubWire } from "./stub";
import type { Shown } from "./stub";

const INCIDENT: PastIncident = {
  path: "/Root/a, b",
  from: 100,
  until: null,
  level: 0,
  cause: { code: "refused", text: '=1+1 says "no"' },
  ...UNTOLD,
  told: { date: 106, sinks: ["webhook", "command"] },
  acknowledged: { date: 110, by: "anna@desk", note: "the vendor\nknows" },
};

let shown: Shown | null = null;
afterEach(() => {
  shown?.end();
  shown = null;
});

it("incidents are a table, with no formula in it", () => {
  const [head, ...rows] = incidentTable([INCIDENT]).split("\n");
  expect(head?.split(",")).toHaveLength(13);
  expect(rows.join("\n")).toBe(
    `"/Root/a, b",100,,0,refused,"'=1+1 says ""no""",106,webhook command,110,anna@desk,"the vendor\nknows",,\n`,
  );
});

it("the overview is a row for each path", () => {
  const path = { path: "/R/a", uptime: 0.5, watched: 60, deviation: null, count: 3, level: 2 };
  expect(overviewTable([path])).toBe("path,uptime,deviation,samples,newest_level\n/R/a,0.5,,3,2\n");
});

it("a year is a row for each window, day, hour of the week and month", () => {
  const view = {
    ...EMPTY_LONG_VIEW,
    to: 86_400,
    windows: [{ seconds: 86_400, uptime: 1, known: 60, watched: 60 }],
    days: [{ from: 0, uptime: 0.5, known: 30 }],
    hours: Array.from({ length: 26 }, () => ({ uptime: null, duration: 0.1 })),
    months: [{ uptime: 0.9, duration: null }],
  };
  const lines = longViewTable(view).trim().split("\n");
  expect(lines).toHaveLength(1 + 1 + 1 + 26 + 1);
  expect([...lines.slice(0, 3), lines[28], lines[29]]).toEqual([
    "part,name,from,uptime,known,mean_duration",
    "window,1 d,0,1,60,",
    "day,,0,0.5,30,",
    "hour,Tue 01:00,,,,0.1",
    "month,Jan,,0.9,,",
  ]);
});

it("a comparison is a row for each part of each path", () => {
  const part = {
    from: 0,
    to: 60,
    uptime: 0.5,
    lowest: 0,
    highest: 1,
    count: 2,
    unknown: 0,
    p50: 0.1,
    p95: null,
    p99: null,
    longest: 0.2,
  };
  const bands = ["/R/a", "/R/b"].map((path) => ({
    path,
    uptime: 0.5,
    watched: 120,
    parts: [part, part],
    error: null,
  }));
  const lines = bandTable(bands).trim().split("\n");
  expect(lines).toHaveLength(5);
  expect(lines[4]).toBe("/R/b,0,60,0.5,0,1,2,0,0.1,,,0.2");
});

it("what was measured is a row for each point of each metric", () => {
  const metric = { label: "TLS", last: 2, warn: [], crit: [], begins: [0, 300], ends: [300, 600] };
  const values = { counts: [10, 9], mins: [1, 2], means: [1.5, 2], maxs: [3, 2] };
  const metrics = ["timing.tls", "=odd"].map((name) => ({ ...metric, ...values, name, unit: "s" }));
  const lines = metricTable(metrics).trim().split("\n");
  expect(lines).toHaveLength(5);
  expect(lines[1]).toBe("timing.tls,s,0,300,10,1,1.5,3");
  expect(lines[4]).toBe("'=odd,s,300,600,9,2,2,2");
});

it("the incidents that are listed are saved, with what they were looked for by", async () => {
  const wire = new StubWire(treeOf(rowsOf("Root\n  A 0\n  B")));
  const incidents = [INCIDENT, { ...INCIDENT, path: "/Root/B", cause: null }];
  wire.answers.set("incidents", {
    answer: "incidents",
    value: { incidents, more: 0, next: null, searched: null, fallbacks: [] },
  });
  shown = await show(wire);
  one('[aria-label="Incidents"]').click();
  await settle();
  one('[aria-label^="JSON: Save these incidents"]').click();
  await settle();
  const asked = wire.asked.find(({ ask }) => ask === "save_shown");
  if (asked?.ask !== "save_shown") throw new Error("nothing was saved");
  expect(asked).toMatchObject({ path: "/Root", format: "json" });
  const saved = JSON.parse(asked.text) as Record<string, unknown>;
  expect(saved.schema).toBe(1);
  expect(saved.search).toBeNull();
  expect(saved.incidents).toEqual(incidents);
  expect(one(".save + p").textContent).toContain("Saved as /home/ada/Downloads/up");
});
