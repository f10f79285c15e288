/** <learning-curves src page trials metric follow>: curves of chosen trials; follows running ones. */
import { learningCurvesConfig, learningCurvesRows, MOST_LABELS } from "../charts/learning-curves.js";
import { CurveStore } from "../lib/curve-store.js";
import { feed, onNews } from "../lib/feed.js";
import { el } from "../lib/dom.js";
import { ChartElement } from "./chart-element.js";

class LearningCurves extends ChartElement {
  buildConfig = learningCurvesConfig;
  buildRows = learningCurvesRows;
  store = new CurveStore();

  async start() {
    this.first = numbers(this.getAttribute("trials"));
    this.shown = this.first;
    this.chosen = false;
    this.options = { ...this.options, metric: this.getAttribute("metric") };
    const { signal } = this.abort;
    if (this.hasAttribute("follow")) onNews((report) => this.#news(report), signal);
    feed.addEventListener("choice", (event) => this.#choose(event.detail), { signal });
    await this.#fetch(this.shown);
  }

  async #fetch(trials) {
    const missing = trials.filter((number) => !this.store.has(number));
    if (missing.length) {
      const report = await this.load(`${this.getAttribute("src")}?trials=${missing.join(",")}`);
      if (report) this.store.merge(report.curves);
    }
    this.#show();
  }

  #news(report) {
    const touched = this.store.merge(report.curves);
    const running = report.curves.filter((curve) => curve.trial_state === "running").map((curve) => curve.trial);
    const fixed = this.hasAttribute("only");
    // As many as can be labelled: a line that nobody can name tells nothing.
    const latest = [...new Set([...this.shown, ...running])];
    if (!this.chosen && !fixed) this.shown = latest.slice(-Math.max(MOST_LABELS, running.length));
    if (this.shown.some((number) => touched.has(number))) this.#show();
  }

  #choose(chosen) {
    if (this.hasAttribute("only")) return;
    this.chosen = chosen.length > 0;
    this.shown = this.chosen ? chosen : this.first;
    this.#fetch(this.shown);
  }

  #show() {
    this.#metrics();
    const metric = this.options.metric;
    const curves = this.#named(this.store.of(this.shown)).filter((curve) => (curve.metrics[metric] ?? []).length);
    this.say(curves.length ? "" : "A curve appears after the first epoch");
    if (!curves.length && !this.chart) return;
    this.draw({ curves, metric });
    this.note(this.chosen ? `The ${this.shown.length} chosen trials` : "");
  }

  /** On a trial's page each execution is a line of its own. */
  #named(curves) {
    if (!this.hasAttribute("by-execution")) return curves;
    return curves.map((curve) => ({
      ...curve,
      key: String(curve.index),
      label: curves.length > 1 ? `Execution ${curve.index + 1}` : `Trial ${curve.trial}`,
      colour: curves.length > 1 ? curve.index : curve.trial,
      dash: curves.length > 1 ? curve.index : 0,
    }));
  }

  #metrics() {
    const field = this.querySelector('[data-option="metric"]');
    const names = this.store.metrics;
    const known = [...field.options].map((option) => option.value);
    if (!names.length || names.join() === known.join()) return;
    const before = this.options.metric;
    field.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    field.value = names.includes(before) ? before : names[0];
    this.readOptions();
  }

  optionsChanged() {
    this.#show();
  }

  addressOf(dataset) {
    return dataset.trial === undefined ? null : `${this.getAttribute("page")}trials/${dataset.trial}/`;
  }
}

const numbers = (text) => (text ?? "").split(",").filter(Boolean).map(Number);

customElements.define("learning-curves", LearningCurves);
