/** Marks in the browser's timeline, by which tests measure how long something took. */

/** Marks the newest time of something; older marks of the same name go. */
export function markOnce(name: string): void {
  performance.clearMarks(name);
  performance.mark(name);
}
