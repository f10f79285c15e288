/** Keeps the rung table fresh while the search runs: asks for what changed and shows it. */
import { AskingElement } from "../lib/asking-element.js";

class RungTable extends AskingElement {
  static EVERY_MS = 3000;

  isLive() {
    return this.hasAttribute("live");
  }

  address() {
    return `${this.getAttribute("src")}?cursor=${encodeURIComponent(this.getAttribute("cursor"))}`;
  }

  async take(response) {
    if (response.status === 204) return;
    const answer = await response.json();
    const scrolled = this.querySelector(".cuts-scroll")?.scrollTop ?? 0;
    this.setAttribute("cursor", answer.cursor);
    this.innerHTML = answer.html;
    const cuts = this.querySelector(".cuts-scroll");
    if (cuts) cuts.scrollTop = scrolled;
  }
}

customElements.define("rung-table", RungTable);
