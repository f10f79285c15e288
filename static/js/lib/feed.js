/** The page's one feed: <live-feed> puts reports in, every other element listens. */

export const feed = new EventTarget();

/** @param {(report: object) => void} listener @param {AbortSignal} signal */
export function onNews(listener, signal) {
  feed.addEventListener("news", (event) => listener(event.detail), { signal });
}
