/** The live dot: follows the experiment, hands reports to the feed, and tells how old the news is. */
import { feed } from "../lib/feed.js";
import { duration } from "../lib/format.js";
import { ACTIVE } from "../lib/head.js";
import { Poller } from "../lib/poll.js";
import { released } from "../lib/pressed.js";

class LiveFeed extends HTMLElement {
  connectedCallback() {
    this.state = this.getAttribute("state");
    this.poller = new Poller(this.getAttribute("src"), this.getAttribute("cursor"), () => ACTIVE.has(this.state), this.getAttribute("follow") ?? "");
    this.poller.addEventListener("news", (event) => this.#news(event.detail));
    this.poller.addEventListener("beat", () => this.#age());
    this.poller.start();
    this.#age();
  }

  disconnectedCallback() {
    this.poller.stop();
    clearTimeout(this.ticker);
  }

  async #news(report) {
    this.state = report.experiment.state;
    await released();
    const from = this.getAttribute("src").replace(/live\.json$/, ""); // a report may follow several searches
    feed.dispatchEvent(new CustomEvent("news", { detail: { ...report, from } }));
  }

  #age() {
    clearTimeout(this.ticker); // nothing grows older while news come by themselves
    if (!this.poller.isPushed) this.ticker = setTimeout(() => this.#age(), 1000);
    const active = ACTIVE.has(this.state);
    const lost = this.poller.isLost;
    const live = lost ? "lost" : active ? "on" : "off";
    const seconds = this.poller.isPushed ? 0 : Math.round((Date.now() - this.poller.received) / 1000);
    const age = seconds < 2 ? "updated just now" : `updated ${duration(seconds)} ago`;
    const shown = lost ? `connection lost, ${age}` : age;
    if (this.shown === shown && this.dataset.live === live) return; // the same words again would be laid out again
    this.shown = shown;
    this.dataset.live = live;
    this.querySelector("[data-age]").textContent = shown;
    const banner = document.querySelector("[data-link-lost]");
    if (banner) banner.hidden = !lost;
  }
}
customElements.define("live-feed", LiveFeed);
