/** The live dot: polls the experiment, hands reports to the feed, and tells how old the news is. */
import { feed } from "../lib/feed.js";
import { duration } from "../lib/format.js";
import { ACTIVE } from "../lib/head.js";
import { Poller } from "../lib/poll.js";


class LiveFeed extends HTMLElement {
  connectedCallback() {
    this.state = this.getAttribute("state");
    this.poller = new Poller(this.getAttribute("src"), this.getAttribute("cursor"), () => ACTIVE.has(this.state));
    this.poller.addEventListener("news", (event) => this.#news(event.detail));
    this.poller.addEventListener("beat", () => this.#age());
    this.poller.start();
    this.ticker = setInterval(() => this.#age(), 1000);
  }

  disconnectedCallback() {
    this.poller.stop();
    clearInterval(this.ticker);
  }

  #news(report) {
    this.state = report.experiment.state;
    feed.dispatchEvent(new CustomEvent("news", { detail: report }));
  }

  #age() {
    const active = ACTIVE.has(this.state);
    const lost = this.poller.isLost;
    this.dataset.live = lost ? "lost" : active ? "on" : "off";
    const seconds = Math.round((Date.now() - this.poller.heard) / 1000);
    const age = seconds < 2 ? "updated just now" : `updated ${duration(seconds)} ago`;
    this.querySelector("[data-age]").textContent = lost ? `link lost, ${age}` : age;
    const banner = document.querySelector("[data-link-lost]");
    if (banner) banner.hidden = !lost;
  }
}
customElements.define("live-feed", LiveFeed);
