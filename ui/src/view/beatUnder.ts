/** Which beat of a heartbeat bar a pointer is on. */
import { fallenBeatAt, PITCH } from "../state/beats";

/**
 * The beat below up under the pointer of an event, counted back from the newest; `null` if the
 * pointer is on none. The bar stands alone in an element with the attribute `data-beats`.
 */
export function fallenBeatUnder(
  { target, clientX }: MouseEvent,
  beats: readonly (number | null)[],
  places: number,
): number | null {
  const bar = (target as Element).closest("[data-beats]")?.firstElementChild;
  if (bar === null || bar === undefined) return null;
  const { left, width } = bar.getBoundingClientRect();
  const scale = width === 0 ? 1 : (places * PITCH - 1) / width;
  return fallenBeatAt(beats, places, (clientX - left) * scale);
}
