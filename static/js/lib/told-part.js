/** The base of parts of a page that the server draws: asks for what changed and shows it in their place. */
import { AskingElement } from "./asking-element.js";
import { onNews } from "./feed.js";

const LIVE = new Set(["queued", "running", "pausing", "stopping", "paused"]);

export class ToldPart extends AskingElement {
  connectedCallback() {
    super.connectedCallback();
    onNews(({ experiment }) => this.#follow(experiment.state), this.stop.signal);
  }

  isLive() {
    return this.hasAttribute("live");
  }

  /** A search that rested when the page was drawn may go on. */
  #follow(state) {
    if (this.isLive() || !LIVE.has(state)) return;
    this.setAttribute("live", "");
    this.later();
  }

  address() {
    return `${this.getAttribute("src")}?cursor=${encodeURIComponent(this.getAttribute("cursor"))}`;
  }

  async take(response) {
    if (response.status === 204) return;
    const answer = await response.json();
    const focused = this.contains(document.activeElement) ? document.activeElement.id : "";
    const before = new Map(this.#kept().map((part) => [part.dataset.keep, [part.scrollTop, part.open]]));
    this.setAttribute("cursor", answer.cursor);
    this.innerHTML = answer.html;
    for (const part of this.#kept()) {
      const [top, isOpen] = before.get(part.dataset.keep) ?? [0, false];
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
