/** <search-lines src kind="best|distribution">: several searches in one chart. */
import { bestLinesConfig, bestLinesRows, drawn, searchDistributionConfig, searchDistributionRows } from "../charts/search-lines.js";
import { ChartElement } from "./chart-element.js";

const KINDS = {
  best: { config: bestLinesConfig, rows: bestLinesRows },
  distribution: { config: searchDistributionConfig, rows: searchDistributionRows },
};

class SearchLines extends ChartElement {
  start() {
    const { config, rows } = KINDS[this.getAttribute("kind")];
    Object.assign(this, { buildConfig: config, buildRows: rows, plugins: [] });
    document.addEventListener("compared-news", () => this.#show(), { signal: this.abort.signal });
    return this.#show();
  }

  async #show() {
    const found = await this.load(this.getAttribute("src"));
    if (!found) return;
    const searches = drawn(found.experiments);
    this.say(searches.length ? "" : "No completed trial has a score yet");
    if (!searches.length) return;
    this.draw({ searches });
    const without = found.experiments.length - searches.length;
    this.note(without ? `${without} without a score` : "");
  }
}
customElements.define("search-lines", SearchLines);
