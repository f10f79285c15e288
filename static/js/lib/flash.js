/** Marks what has just changed, for a moment. No animation: sixty frames a second cost more than all that changed. */

const NEWS_MS = 900;

const timers = new WeakMap();

/** @param {Element} element that has the class "has-news" for so long */
export function flash(element) {
  clearTimeout(timers.get(element));
  element.classList.add("has-news");
  timers.set(element, setTimeout(() => element.classList.remove("has-news"), NEWS_MS));
}
