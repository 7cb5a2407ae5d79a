/** The controls of a simulated world, by path. */
import { isUp } from "../../state/status";
import type { Control, ControlSpan, InForce, Muted, Row, EffectiveControls } from "../wire";

function end(span: ControlSpan, now: number): number {
  if (span.for === "minutes") return now + span.minutes * 60;
  const nine = new Date(now * 1000);
  nine.setDate(nine.getDate() + 1);
  return nine.setHours(9, 0, 0, 0) / 1000;
}

export class Controls {
  readonly #paused = new Map<string, InForce>();
  readonly #snoozed = new Map<string, InForce>();
  readonly #acknowledged = new Map<string, InForce>();
  muted: Muted | null = null;

  take(control: Control, now: number): void {
    const given = (path: string, until: number | null, note: string | null = null): InForce => ({
      path,
      since: now,
      until,
      note,
    });
    switch (control.do) {
      case "snooze":
        this.#snoozed.set(control.path, given(control.path, end(control.span, now)));
        break;
      case "unsnooze":
        this.#snoozed.delete(control.path);
        break;
      case "acknowledge":
        this.#acknowledged.set(control.path, given(control.path, null, control.note));
        break;
      case "unacknowledge":
        this.#acknowledged.delete(control.path);
        break;
      case "pause":
        this.#paused.set(control.path, given(control.path, null));
        break;
      case "resume":
        this.#paused.delete(control.path);
        break;
      case "mute":
        this.muted = { until: control.span === null ? null : end(control.span, now) };
        break;
      case "unmute":
        this.muted = null;
        break;
    }
  }

  /** The controls in force for a row. */
  standing(row: Row): EffectiveControls | null {
    const of = (kind: ReadonlyMap<string, InForce>): InForce | null => {
      for (let path = row.path; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
        const given = kind.get(path);
        if (given !== undefined) return given;
      }
      return null;
    };
    const [paused, snoozed] = [of(this.#paused), of(this.#snoozed)];
    const acknowledged = isUp(row.level) ? null : of(this.#acknowledged);
    if (paused === null && snoozed === null && acknowledged === null) return null;
    return { paused, maintenance: null, snoozed, acknowledged };
  }
}
