/** The requests of the panel, each with the type of its answer. */
import type {
  PanelResponse,
  Control,
  ExportFormat,
  HistoryView,
  IncidentList,
  LongView,
  MeasuredMetric,
  Mood,
  Overview,
  NoteEdit,
  PanelRequest,
  PathUptimes,
  PathBand,
  SourceView,
  Tree,
  WantedIncidents,
  Wire,
  WorkUnderWay,
  ZoomStep,
} from "./wire";

/** A request was refused or not answered. The message is one line for a person. */
export class RequestError extends Error {}

async function expect<A extends PanelResponse["answer"]>(
  wire: Wire,
  request: PanelRequest,
  wanted: A,
): Promise<Extract<PanelResponse, { answer: A }>> {
  let answer: PanelResponse;
  try {
    answer = await wire.request(request);
  } catch (error) {
    throw new RequestError(`Up does not answer: ${String(error)}`);
  }
  if (answer.answer === wanted) return answer as Extract<PanelResponse, { answer: A }>;
  if (answer.answer === "failed") throw new RequestError(answer.value);
  throw new RequestError(`Up answered “${answer.answer}” to a request for “${wanted}”`);
}

export const requestTree = async (wire: Wire): Promise<Tree> =>
  (await expect(wire, { ask: "tree" }, "tree")).value;

export const requestSource = async (wire: Wire, path: string): Promise<SourceView> =>
  (await expect(wire, { ask: "source", path }, "source")).value;

export const requestHistory = async (
  wire: Wire,
  path: string,
  from: number,
  to: number,
): Promise<HistoryView> =>
  (await expect(wire, { ask: "history", path, from, to }, "history")).value;

/**
 * A page of the incidents of a node and what is below it; of every path if `path` is `null`. The first
 * page is not asked for `before` a time. Only those that `search` wants are listed.
 */
export const requestIncidents = async (
  wire: Wire,
  path: string | null,
  { from, to }: { from: number; to: number },
  before: number | null,
  search: WantedIncidents | null,
): Promise<IncidentList> =>
  (await expect(wire, { ask: "incidents", path, from, to, before, search }, "incidents")).value;

/** The year of a path, by UTC or by the clocks of the machine. */
export const requestLongView = async (wire: Wire, path: string, utc: boolean): Promise<LongView> =>
  (await expect(wire, { ask: "long_view", path, utc }, "long_view")).value;

/** What the checks of a source measured over a span. */
export const requestMetrics = async (
  wire: Wire,
  path: string,
  from: number,
  to: number,
): Promise<MeasuredMetric[]> =>
  (await expect(wire, { ask: "metrics", path, from, to }, "metrics")).value;

/** Several paths over one span. */
export const requestBands = async (
  wire: Wire,
  paths: string[],
  from: number,
  to: number,
): Promise<PathBand[]> => (await expect(wire, { ask: "bands", paths, from, to }, "bands")).value;

/** Writes every sample of a span to a file, and returns its path. */
export const exportSamples = async (
  wire: Wire,
  path: string,
  { from, to }: { from: number; to: number },
  format: ExportFormat,
): Promise<string> =>
  (await expect(wire, { ask: "export", path, from, to, format }, "saved")).value;

/** Writes a picture, a PNG file in Base64, to a file, and returns its path. */
export const savePicture = async (
  wire: Wire,
  path: string,
  { from, to }: { from: number; to: number },
  png: string,
): Promise<string> =>
  (await expect(wire, { ask: "save_picture", path, from, to, png }, "saved")).value;

/** Writes what the page shows of many paths to a file, and returns its path. */
export const saveShown = async (
  wire: Wire,
  path: string,
  { from, to }: { from: number; to: number },
  format: ExportFormat,
  text: string,
): Promise<string> =>
  (await expect(wire, { ask: "save_shown", path, from, to, format, text }, "saved")).value;

/** The uptimes of paths over windows of whole days that end now. */
export const requestUptimes = async (
  wire: Wire,
  paths: readonly string[],
  days: readonly number[],
): Promise<PathUptimes[]> =>
  (await expect(wire, { ask: "uptimes", paths: [...paths], days: [...days] }, "uptimes")).value;

/** What a span comes to for every path. */
export const requestOverview = async (wire: Wire, from: number, to: number): Promise<Overview> =>
  (await expect(wire, { ask: "overview", from, to }, "overview")).value;

/** The work that goes on in the stores that have the history of a path. */
export const requestHistoryWork = async (wire: Wire, path: string): Promise<WorkUnderWay[]> =>
  (await expect(wire, { ask: "history_work", path }, "history_work")).value;

/** What people did with notes since a time. */
export const requestNoteEdits = async (wire: Wire, since: number): Promise<NoteEdit[]> =>
  (await expect(wire, { ask: "note_edits", since }, "note_edits")).value;

async function done(wire: Wire, request: PanelRequest): Promise<void> {
  await expect(wire, request, "done");
}

export const checkNow = (wire: Wire, path: string | null): Promise<void> =>
  done(wire, { ask: "check_now", path });

/** Writes, changes or removes a note. */
export const editNotes = (wire: Wire, edit: NoteEdit): Promise<void> =>
  done(wire, { ask: "edit_notes", edit });

export const sendControl = (wire: Wire, control: Control): Promise<void> =>
  done(wire, { ask: "control", control });

export const setMood = (wire: Wire, mood: Mood): Promise<void> => done(wire, { ask: "mood", mood });

/** Opens the web address of a source in the browser. */
export const openAddress = (wire: Wire, path: string): Promise<void> =>
  done(wire, { ask: "open", path });

export const openConfig = (wire: Wire): Promise<void> => done(wire, { ask: "open_config" });

export const ready = (wire: Wire): Promise<void> => done(wire, { ask: "ready" });

export const zoom = (wire: Wire, step: ZoomStep): Promise<void> =>
  done(wire, { ask: "zoom", step });

export const pin = (wire: Wire, pinned: boolean): Promise<void> =>
  done(wire, { ask: "pin", pinned });

export const hide = (wire: Wire): Promise<void> => done(wire, { ask: "hide" });

/** The text of an error for a person. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Starts Up when the person logs in, or no longer. */
export const startAtLogin = (wire: Wire, on: boolean): Promise<void> =>
  done(wire, { ask: "start_at_login", on });
