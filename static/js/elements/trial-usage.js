/** <trial-usage src kind trial [follow]>: processor or memory of a trial, below its curve; takes the curves' axis. */
import { trialUsageConfig, trialUsageNote, trialUsageRows } from "../charts/trial-usage.js";
import { onNews } from "../lib/feed.js";
import { ChartElement } from "./chart-element.js";

const REST_MS = 3000; // between two questions while the trial runs

class TrialUsage extends ChartElement {
  buildConfig = trialUsageConfig;
  buildRows = trialUsageRows;

  start() {
    const { signal } = this.abort;
    const trial = Number(this.getAttribute("trial"));
    document.addEventListener("change", (event) => this.#axis(event.target), { signal });
    if (this.hasAttribute("follow")) onNews((report) => report.curves.some((curve) => curve.trial === trial) && this.#again(), signal);
    return this.#fetch();
  }

  /** Both charts of the page ask at the same moments: one request. */
  async #fetch() {
    const found = await this.load(this.getAttribute("src"));
    this.askedAt = performance.now();
    if (!found) return;
    this.say(found.executions.length ? "" : "Its numbers appear after the first epoch");
    if (!found.executions.length) return;
    const report = { ...found, kind: this.getAttribute("kind"), trial: Number(this.getAttribute("trial")) };
    this.draw(report);
    this.note(trialUsageNote(report));
  }

  #again() {
    if (performance.now() - (this.askedAt ?? 0) > REST_MS) this.#fetch();
  }

  #axis(field) {
    if (field.dataset?.option !== "axis") return;
    this.options = { ...this.options, axis: field.value };
    this.zoom = null;
    this.redraw();
  }
}
customElements.define("trial-usage", TrialUsage);
