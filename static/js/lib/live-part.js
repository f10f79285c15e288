/** The base of parts of a page that the server draws: asks for what changed and shows it in their place. */
import { PollingElement } from "./polling-element.js";
import { onNews } from "./feed.js";

const LIVE = new Set(["queued", "running", "pausing", "stopping", "paused"]);

export class LivePart extends PollingElement {
  static EVERY_MS = 30_000; // for what changes without news
  static REST_MS = 3000; // after news, which come in company

  connectedCallback() {
    super.connectedCallback();
    onNews((report) => this.#follow(report), this.stop.signal);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.soon);
    this.soon = null;
  }

  isLive() {
    return this.hasAttribute("live");
  }

  /** What happened while the tab was hidden is asked for at once. */
  seen() {
    this.later();
    if (!document.hidden && this.isLive()) this.#askSoon();
  }

  /** Whether this part may look different after a report. */
  concerns(_report) {
    return true;
  }

  /** A search that rested when the page was drawn may go on. */
  #follow(report) {
    const isBegun = !this.isLive() && LIVE.has(report.experiment.state);
    if (isBegun) this.setAttribute("live", "");
    const isOther = this.concerns(report);
    if (this.isLive() && (isBegun || isOther)) this.#askSoon();
  }

  #askSoon() {
    this.soon ??= setTimeout(() => {
      this.soon = null;
      clearTimeout(this.timer);
      if (!document.hidden) this.ask();
    }, /** @type {typeof LivePart} */ (this.constructor).REST_MS);
  }

  address() {
    return `${this.getAttribute("src")}?cursor=${encodeURIComponent(this.getAttribute("cursor"))}`;
  }

  async take(response) {
    if (response.status === 204) return;
    const answer = await response.json();
    const focused = this.contains(document.activeElement) ? document.activeElement.id : "";
    const before = new Map(this.#kept().map((part) => [part.dataset.keep, { top: part.scrollTop, isOpen: part.open }]));
    this.setAttribute("cursor", answer.cursor);
    this.innerHTML = answer.html;
    for (const part of this.#kept()) {
      const { top, isOpen } = before.get(part.dataset.keep) ?? { top: 0, isOpen: false };
      if (part instanceof HTMLDetailsElement) part.open = isOpen;
      else part.scrollTop = top;
    }
    if (focused) this.querySelector(`#${CSS.escape(focused)}`)?.focus({ preventScroll: true });
  }

  /** What keeps its place over an answer: boxes that scroll, and details that are open. */
  #kept() {
    return [...this.querySelectorAll("[data-keep]")];
  }
}
