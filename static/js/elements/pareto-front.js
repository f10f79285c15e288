/** <pareto-front src page>: two objectives of every completed trial, and the front. */
import { paretoFrontConfig, paretoFrontRows } from "../charts/pareto-front.js";
import { feed } from "../lib/feed.js";
import { ChartElement } from "./chart-element.js";

class ParetoFront extends ChartElement {
  buildConfig = paretoFrontConfig;
  buildRows = paretoFrontRows;

  start() {
    feed.addEventListener("trials", () => this.#show(), { signal: this.abort.signal });
    this.#show();
  }

  async #show() {
    const report = await this.load(this.getAttribute("src"));
    if (!report || !this.isConnected) return;
    this.say(report.trials.length ? "" : "No completed trial has a number for every objective");
    this.draw(report);
    this.note("");
  }

  optionsChanged() {
    this.zoom = null;
    this.redraw();
  }

  addressOf(dataset, point) {
    return dataset.isMark ? `${this.getAttribute("page")}trials/${point.number}/` : null;
  }
}
customElements.define("pareto-front", ParetoFront);
