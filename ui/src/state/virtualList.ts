/** Finds the rows of a long list that are in or near the viewport. Rows may differ in height. */

/** The top of each row, followed by the end of the list, in pixels. */
export function offsetsOf(heights: readonly number[]): Float64Array {
  const offsets = new Float64Array(heights.length + 1);
  for (let at = 0; at < heights.length; at += 1) {
    offsets[at + 1] = (offsets[at] ?? 0) + (heights[at] ?? 0);
  }
  return offsets;
}

/** The row at a height: the last one that starts at or above it. */
export function rowAt(offsets: Float64Array, top: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The visible rows from `first` up to but without `end`, with some more on both sides. */
export function rangeOf(
  offsets: Float64Array,
  top: number,
  height: number,
  spare: number,
): { first: number; end: number } {
  const rows = offsets.length - 1;
  if (rows <= 0) return { first: 0, end: 0 };
  return {
    first: Math.max(0, rowAt(offsets, top) - spare),
    end: Math.min(rows, rowAt(offsets, top + height) + 1 + spare),
  };
}

/** The scroll position that shows the whole row and is nearest to the current one. */
export function reveal(offsets: Float64Array, row: number, top: number, height: number): number {
  const [begin, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
  if (begin < top) return begin;
  if (end > top + height) return Math.max(0, end - height);
  return top;
}
