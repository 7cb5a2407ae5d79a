/** What the marks of the status chart mean, of which only those that occur are explained. */
import type { StatusColumn } from "./statusColumns";

export type StatusMark = "down" | "partly" | "unconfirmed" | "unknown";

export interface LegendEntry {
  mark: StatusMark;
  text: string;
}

const ENTRIES: readonly (LegendEntry & { isIn: (column: StatusColumn) => boolean })[] = [
  { mark: "down", text: "outage", isIn: ({ down }) => down > 0 },
  { mark: "partly", text: "partly up", isIn: ({ partly }) => partly > 0 },
  {
    mark: "unconfirmed",
    text: "failed check, not confirmed",
    isIn: ({ unconfirmed }) => unconfirmed > 0,
  },
  { mark: "unknown", text: "unknown", isIn: ({ hasUnknown }) => hasUnknown },
];

/** The entries of the marks that these columns have. */
export const legendOf = (columns: readonly (StatusColumn | null)[]): LegendEntry[] =>
  ENTRIES.filter(({ isIn }) => columns.some((column) => column !== null && isIn(column))).map(
    ({ mark, text }) => ({ mark, text }),
  );
