/**
 * The clock of the panel. Everything that shows an age reads it, so that all ages change together.
 */
import { createSubscriber } from "svelte/reactivity";

const SECOND = 1000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(() => {
    if (!document.hidden) update();
  }, SECOND);
  return () => clearInterval(timer);
});

/** The current time in Unix seconds. A component that reads it is drawn again every second. */
export function now(): number {
  subscribe();
  return Date.now() / SECOND;
}
