/** Texts of rows for other programs: their paths, addresses and causes, and a report in Markdown. */
import type { Row } from "../wire/wire";
import { marksOf } from "./effectiveControls";
import { moment, seconds } from "./format";
import { lasts, sinceLabel } from "./since";
import { isNotUp, isUp } from "./status";

/** Foreign text as plain text of Markdown. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>#|~&!]/g, "\\$&");
}

/** Foreign text as code of Markdown, whatever backticks it has. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${space}${text.replace(/\s+/g, " ")}${space}${fence}`;
}

/** The causes of rows that are not up, one line each. With several rows, each says whose it is. */
export function causesOf(rows: readonly Row[]): string {
  const bad = rows.flatMap(({ path, cause, level }) =>
    cause !== null && !isUp(level) ? [{ path, text: cause.text }] : [],
  );
  const [first] = bad;
  if (rows.length === 1 && first !== undefined) return first.text;
  return bad.map(({ path, text }) => `${path}: ${text}`).join("\n");
}

/** A report of one row, in Markdown. */
function reportOfRow(row: Row, address: string | null, now: number): string {
  const lines: string[] = [];
  const add = (label: string, text: string): void => void lines.push(`- ${label}: ${text}`);
  add("Path", code(row.path));
  if (address !== null) add("Address", `<${address}>`);
  if (row.since !== null && isNotUp(row)) {
    add(sinceLabel(row), `${moment(row.since, now)} (${lasts(row, now)})`);
  }
  if (row.cause !== null && !isUp(row.level)) {
    add("Cause", `${plain(row.cause.text)} (${code(row.cause.code)})`);
  }
  if (row.date !== null) {
    const took = seconds(row.duration);
    add("Checked", `${moment(row.date, now)}${took === "" ? "" : `, took ${took}`}`);
  }
  for (const mark of marksOf(row, now)) {
    const label = mark.icon === "flapping" ? "State" : "Control";
    add(label, plain(`${mark.text}${mark.note === null ? "" : `: ${mark.note}`}`));
  }
  const word = row.waiting ? "WAITING" : row.word;
  const share = row.percent === null ? "" : ` (${row.percent})`;
  return `## ${plain(row.name)}: ${plain(word)}${share}\n\n${lines.join("\n")}\n`;
}

/** A report of rows, in Markdown. `addresses` has the address of each path that has one. */
export function reportOf(
  rows: readonly Row[],
  addresses: ReadonlyMap<string, string>,
  now: number,
): string {
  return rows.map((row) => reportOfRow(row, addresses.get(row.path) ?? null, now)).join("\n");
}
