/** What a person looks for among the incidents, as it is typed. */
import type { WantedIncidents } from "../wire/wire";
import { lengthsOf } from "./lengths";
import { TAG } from "./tags";

/** Words that ask for incidents that were at worst so bad, by their levels. */
const LEVELS: Readonly<Record<string, readonly number[]>> = {
  "is:down": [0, 1],
  "is:degraded": [2, 3],
};

/**
 * What a text asks for: words, tags such as `tag:db`, lengths such as `>5m`, and `is:down` or
 * `is:degraded`; `null` if it asks for nothing.
 */
export function searchOf(text: string): WantedIncidents | null {
  const { rest, shortest, longest } = lengthsOf(text.toLowerCase());
  const [words, tags]: [string[], string[]] = [[], []];
  let levels: number[] | null = null;
  for (const word of rest.split(/\s+/)) {
    const wanted = LEVELS[word];
    if (wanted !== undefined) levels = [...(levels ?? []), ...wanted];
    else if (word.startsWith(TAG) && word !== TAG) tags.push(word.slice(TAG.length));
    else if (word !== "") words.push(word);
  }
  const isEmpty = words.length + tags.length === 0 && levels === null;
  if (isEmpty && shortest === null && longest === null) return null;
  return { words, tags, levels: levels ?? [], shortest, longest };
}
