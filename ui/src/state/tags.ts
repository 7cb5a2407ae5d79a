/** The words of a filter, of which some ask for a tag. */

/** What a word that asks for a tag begins with. */
export const TAG = "tag:";

/**
 * True if a word of a filter is in a text, or if it is a tag such as `tag:db` and among the tags.
 * The word and the text are in lower case.
 */
export function hasWord(word: string, text: string, tags: readonly string[]): boolean {
  if (!word.startsWith(TAG) || word === TAG) return text.includes(word);
  const wanted = word.slice(TAG.length);
  return tags.some((tag) => tag.toLowerCase() === wanted);
}
