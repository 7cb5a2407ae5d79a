/** Pages of incidents, and how they are put together. */
import type { IncidentList, PastIncident } from "../wire/wire";

const keyOf = ({ path, from }: PastIncident): string => `${path} ${from}`;

/** The pages up to one, and the page after it. */
export function joined(pages: IncidentList, next: IncidentList): IncidentList {
  // What lasted when the first page was read may have ended since.
  const listed = new Set(pages.incidents.map(keyOf));
  const added = next.incidents.filter((incident) => !listed.has(keyOf(incident)));
  return {
    ...next,
    incidents: [...pages.incidents, ...added],
    fallbacks: [...new Set([...pages.fallbacks, ...next.fallbacks])],
  };
}

/** So many pages, or as many as there are. `ask` asks for the page of what began before a time. */
export async function readPages(
  ask: (before: number | null) => Promise<IncidentList>,
  most: number,
): Promise<IncidentList> {
  let pages = await ask(null);
  for (let page = 1; page < most && pages.next !== null; page += 1) {
    pages = joined(pages, await ask(pages.next));
  }
  return pages;
}
