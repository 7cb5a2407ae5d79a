/**
 * The wire: requests of the panel and events of the program. Only this folder knows what is at its
 * other end.
 */
import type { PanelResponse } from "./bindings/PanelResponse";
import type { PanelEvent } from "./bindings/PanelEvent";
import type { PanelRequest } from "./bindings/PanelRequest";

export interface Wire {
  /** Sends a request. Rejects only if there is no program that could answer. */
  request(request: PanelRequest): Promise<PanelResponse>;
  /** Listens to events. Resolves to a function that ends the listening. */
  listen(handler: (event: PanelEvent) => void): Promise<() => void>;
}

export type { About } from "./bindings/About";
export type { PanelResponse } from "./bindings/PanelResponse";
export type { Cause } from "./bindings/Cause";
export type { Control } from "./bindings/Control";
export type { ControlSpan } from "./bindings/ControlSpan";
export type { PanelEvent } from "./bindings/PanelEvent";
export type { Fact } from "./bindings/Fact";
export type { Header } from "./bindings/Header";
export type { HistoryView } from "./bindings/HistoryView";
export type { PastIncident } from "./bindings/PastIncident";
export type { PastAcknowledgement } from "./bindings/PastAcknowledgement";
export type { PastNotice } from "./bindings/PastNotice";
export type { IncidentCounts } from "./bindings/IncidentCounts";
export type { IncidentList } from "./bindings/IncidentList";
export type { IncidentMark } from "./bindings/IncidentMark";
export type { IncidentPlace } from "./bindings/IncidentPlace";
export type { InForce } from "./bindings/InForce";
export type { DurationBar } from "./bindings/DurationBar";
export type { ExportFormat } from "./bindings/ExportFormat";
export type { PartOfTime } from "./bindings/PartOfTime";
export type { PathBand } from "./bindings/PathBand";
export type { SpanPart } from "./bindings/SpanPart";
export type { DayOfYear } from "./bindings/DayOfYear";
export type { LongView } from "./bindings/LongView";
export type { MeasuredMetric } from "./bindings/MeasuredMetric";
export type { Overview } from "./bindings/Overview";
export type { OverviewPath } from "./bindings/OverviewPath";
export type { Mood } from "./bindings/Mood";
export type { Muted } from "./bindings/Muted";
export type { Note } from "./bindings/Note";
export type { NoteEdit } from "./bindings/NoteEdit";
export type { PathUptimes } from "./bindings/PathUptimes";
export type { Problem } from "./bindings/Problem";
export type { PanelRequest } from "./bindings/PanelRequest";
export type { Row } from "./bindings/Row";
export type { RowsChanged } from "./bindings/RowsChanged";
export type { SourceView } from "./bindings/SourceView";
export type { UptimeWindow } from "./bindings/UptimeWindow";
export type { Timing } from "./bindings/Timing";
export type { EffectiveControls } from "./bindings/EffectiveControls";
export type { WantedIncidents } from "./bindings/WantedIncidents";
export type { WorkUnderWay } from "./bindings/WorkUnderWay";
export type { ZoomStep } from "./bindings/ZoomStep";
export type { Tree } from "./bindings/Tree";
