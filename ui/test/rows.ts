/** Trees for tests, written as indented text. */
import type { Header, Row, Tree } from "../src/wire/wire";

/** An incident of which nobody was told and that nobody acknowledged. */
export const UNTOLD = { acknowledged: null, told: null, recovery: null };

export function row(more: Partial<Row> & { id: number; name: string }): Row {
  return {
    path: `/${more.name}`,
    kind: "http",
    depth: 0,
    parent: null,
    below: 0,
    counts: true,
    status: 1,
    level: 4,
    word: "UP",
    percent: null,
    hold: null,
    standing: null,
    waiting: false,
    date: 1000,
    duration: 0.12,
    cause: null,
    since: 900,
    since_at_least: false,
    flapping: null,
    beats: [4, 4, 4],
    tags: [],
    ...more,
  };
}

/**
 * Rows from lines such as `Root`, `  Shop`, `    Checkout 0`: two spaces a level, the name, and
 * optionally a status, `?` for unknown or `-` for not checked yet. A line with deeper lines after
 * it is a tree.
 */
export function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  const above: Row[] = [];
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const depth = (line.length - line.trimStart().length) / 2;
    const [, name = "", mark] = /^(.*?)(?: ([\d.]+|\?|-))?$/.exec(line.trim()) ?? [];
    above.length = depth;
    const parent = above.at(-1) ?? null;
    const status = mark === undefined ? 1 : mark === "?" || mark === "-" ? null : Number(mark);
    const level = status === null ? null : Math.floor(status * 4);
    const made = row({
      id: rows.length,
      name,
      path: `${parent?.path ?? ""}/${name}`,
      depth,
      parent: parent?.id ?? null,
      status,
      level,
      word:
        level === null
          ? "UNKNOWN"
          : (["DOWN", "MOSTLY DOWN", "HALF UP", "MOSTLY UP", "UP"][level] ?? ""),
      waiting: mark === "-",
      cause: status === 0 ? { code: "refused", text: "connection refused" } : null,
    });
    for (const tree of above) {
      tree.below += 1;
      tree.kind = "tree";
      tree.counts = false;
    }
    rows.push(made);
    above.push(made);
  }
  return rows;
}

/** Makes the tree of a path a status page, and all below it its components. */
export function asPage(rows: readonly Row[], path: string): Row[] {
  return rows.map((row) => {
    if (row.path === path) return { ...row, kind: "statuspage", counts: true };
    if (!row.path.startsWith(`${path}/`)) return row;
    return { ...row, kind: row.below > 0 ? "tree" : "part", counts: false };
  });
}

export function headerOf(rows: readonly Row[], more: Partial<Header> = {}): Header {
  const sources = rows.filter((row) => row.counts);
  return {
    mood: "realist",
    sources: sources.length,
    down: sources.filter((row) => row.level !== null && row.level < 4).length,
    unknown: sources.filter((row) => row.level === null).length,
    problems: [],
    config: "/etc/up.toml",
    place: "/etc/up.toml",
    checking: false,
    muted: null,
    pinned: false,
    startsAtLogin: false,
    ...more,
  };
}

export function treeOf(rows: Row[], shape = 1, more: Partial<Header> = {}): Tree {
  return { shape, rows, header: headerOf(rows, more) };
}
