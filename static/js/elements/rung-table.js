/** Keeps the rung table fresh while the search runs: asks for what changed and shows it. */

const EVERY_MS = 3000;

class RungTable extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    document.addEventListener("visibilitychange", () => this.later(), { signal: this.stop.signal });
    this.later();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  later() {
    clearTimeout(this.timer);
    if (this.hasAttribute("live") && !document.hidden) this.timer = setTimeout(() => this.ask(), EVERY_MS);
  }

  async ask() {
    const address = `${this.getAttribute("src")}?cursor=${encodeURIComponent(this.getAttribute("cursor"))}`;
    try {
      const response = await fetch(address, { signal: this.stop.signal });
      if (response.ok && response.status !== 204) this.show(await response.json());
    } catch {
      // the table stays as it is while the server is away; the next question finds it again
    }
    if (!this.stop.signal.aborted) this.later();
  }

  show(answer) {
    const scrolled = this.querySelector(".cuts-scroll")?.scrollTop ?? 0;
    this.setAttribute("cursor", answer.cursor);
    this.innerHTML = answer.html;
    const cuts = this.querySelector(".cuts-scroll");
    if (cuts) cuts.scrollTop = scrolled;
  }
}

customElements.define("rung-table", RungTable);
