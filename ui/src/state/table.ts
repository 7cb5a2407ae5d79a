/** What is shown of many paths as the text of a file: a table, or JSON. Dates are Unix seconds. */
import type { LongView, MeasuredMetric, OverviewPath, PastIncident, PathBand } from "../wire/wire";
import { MONTHS } from "./history";
import { WEEKDAYS } from "./longView";

type Field = string | number | null;

/** A field in quotation marks where it needs them, and unable to be a spreadsheet's formula. */
function field(value: Field): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const guarded = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function table(head: readonly string[], rows: readonly (readonly Field[])[]): string {
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

const INCIDENT =
  "path,from,until,level,code,cause,told,told_by,acknowledged,acknowledged_by,note,recovery_told,recovery_told_by";

/** Incidents as a table. */
export function incidentTable(incidents: readonly PastIncident[]): string {
  const rows = incidents.map((one): Field[] => [
    one.path,
    one.from,
    one.until,
    one.level,
    one.cause?.code ?? null,
    one.cause?.text ?? null,
    one.told?.date ?? null,
    one.told?.sinks.join(" ") ?? null,
    one.acknowledged?.date ?? null,
    one.acknowledged?.by ?? null,
    one.acknowledged?.note ?? null,
    one.recovery?.date ?? null,
    one.recovery?.sinks.join(" ") ?? null,
  ]);
  return table(INCIDENT.split(","), rows);
}

const BAND = "path,from,to,uptime,lowest,highest,count,unknown,p50,p95,p99,longest";

/** Several paths over one span as a table: a row for each part of each. */
export function bandTable(bands: readonly PathBand[]): string {
  const rows = bands.flatMap(({ path, parts }) =>
    parts.map((part): Field[] => [
      path,
      part.from,
      part.to,
      part.uptime,
      part.lowest,
      part.highest,
      part.count,
      part.unknown,
      part.p50,
      part.p95,
      part.p99,
      part.longest,
    ]),
  );
  return table(BAND.split(","), rows);
}

/** The overview as a table. */
export function overviewTable(paths: readonly OverviewPath[]): string {
  const rows = paths.map(({ path, uptime, deviation, count, level }): Field[] => [
    path,
    uptime,
    deviation,
    count,
    level,
  ]);
  return table("path,uptime,deviation,samples,newest_level".split(","), rows);
}

/** The year of a path as a table: a row for each window, day, hour of the week and month. */
export function longViewTable({ to, windows, days, hours, months }: LongView): string {
  const hourName = (at: number): string =>
    `${WEEKDAYS[Math.floor(at / 24)] ?? ""} ${String(at % 24).padStart(2, "0")}:00`;
  const rows: Field[][] = [
    ...windows.map((one): Field[] => [
      "window",
      `${one.seconds / 86_400} d`,
      to - one.seconds,
      one.uptime,
      one.known,
      null,
    ]),
    ...days.map((one): Field[] => ["day", null, one.from, one.uptime, one.known, null]),
    ...hours.map((one, at): Field[] => [
      "hour",
      hourName(at),
      null,
      one.uptime,
      null,
      one.duration,
    ]),
    ...months.map((one, at): Field[] => [
      "month",
      MONTHS[at] ?? "",
      null,
      one.uptime,
      null,
      one.duration,
    ]),
  ];
  return table("part,name,from,uptime,known,mean_duration".split(","), rows);
}

/** What a source measured as a table: a row for each point of each metric. */
export function metricTable(metrics: readonly MeasuredMetric[]): string {
  const rows = metrics.flatMap(({ name, unit, begins, ends, counts, mins, means, maxs }) =>
    begins.map((from, at): Field[] => {
      const values = [ends, counts, mins, means, maxs].map((column) => column[at] ?? null);
      return [name, unit, from, ...values];
    }),
  );
  return table("metric,unit,from,to,count,least,mean,most".split(","), rows);
}
