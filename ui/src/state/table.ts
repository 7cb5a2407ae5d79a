/** What is shown of many paths as the text of a file: a table, or JSON. Dates are Unix seconds. */
import type { MeasuredMetric, PastIncident, PathBand } from "../wire/wire";

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
  "path,from,until,level,code,cause,told,told_by,acknowledged,note,recovery_told,recovery_told_by";

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
