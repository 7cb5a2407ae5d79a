/** The one clock of the panel: everything that shows an age reads it, so that all tick together. */
import { createSubscriber } from "svelte/reactivity";

const SECOND = 1000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(() => {
    if (!document.hidden) update();
  }, SECOND);
  return () => clearInterval(timer);
});

/** Now, in Unix seconds. Read where something is drawn, it draws again every second. */
export function now(): number {
  subscribe();
  return Date.now() / SECOND;
}
