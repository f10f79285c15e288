/** The base of elements that ask the server again and again while somebody can see the page. */
import { released } from "./pressed.js";

export class PollingElement extends HTMLElement {
  static EVERY_MS = 4000;

  connectedCallback() {
    this.stop = new AbortController();
    document.addEventListener("visibilitychange", () => this.seen(), { signal: this.stop.signal });
    this.later();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  /** Elements say where they ask. @returns {string} */
  address() {
    throw new TypeError(`<${this.localName}> asks nowhere.`);
  }

  /** Elements show what came. @param {Response} _response */
  async take(_response) {}

  /** Whether anything can still change. */
  isLive() {
    return true;
  }

  later() {
    clearTimeout(this.timer);
    if (this.isLive() && !document.hidden) this.timer = setTimeout(() => this.ask(), /** @type {typeof PollingElement} */ (this.constructor).EVERY_MS);
  }

  /** The tab is hidden, or seen again. */
  seen() {
    this.later();
  }

  question() {
    return fetch(this.address(), { signal: this.stop.signal });
  }

  async ask() {
    try {
      const response = await this.question();
      await released();
      if (response.ok) await this.take(response);
    } catch {
      // all stays as it is while the server is away; the next question finds it again
    }
    if (!this.stop.signal.aborted) this.later();
  }
}
