/** The page's one feed: <live-feed> puts reports in, every other element listens. */

/** Whether a report tells of the search whose data an address holds. @param {{ from?: string }} report */
export const isOf = ({ from = "" }, src) => src.startsWith(from);

export const feed = new EventTarget();

/** @param {(report: ReportJson) => void} listener @param {AbortSignal} signal */
export function onNews(listener, signal) {
  feed.addEventListener("news", (event) => listener(event.detail), { signal });
}
