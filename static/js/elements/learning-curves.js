/** <learning-curves src page trials metric follow>: curves of chosen trials; follows running ones. */
import { curveNote, learningCurvesConfig, learningCurvesRows, MOST_LABELS } from "../charts/learning-curves.js";
import { CurveStore } from "../lib/curve-store.js";
import { isOf, onNews } from "../lib/feed.js";
import { el } from "../lib/dom.js";
import { seen } from "../lib/seen.js";
import { selection } from "../lib/selection.js";
import { ChartElement } from "./chart-element.js";

const MOST_CURVES = 20; // of chosen trials: beyond, lines are no longer distinguishable

class LearningCurves extends ChartElement {
  buildConfig = learningCurvesConfig;
  buildRows = learningCurvesRows;
  store = new CurveStore();
  isSeen = false;

  async start() {
    this.first = numbers(this.getAttribute("trials"));
    this.shown = this.first;
    this.chosen = false;
    this.options = { ...this.options, metric: this.getAttribute("metric") };
    const { signal } = this.abort;
    if (this.hasAttribute("follow")) onNews((report) => this.#news(report), signal);
    if (this.hasAttribute("only")) {
      this.isSeen = true; // it may be printed before anybody scrolls to it
      return this.#fetch(this.shown);
    }
    await seen(this, signal);
    this.isSeen = true;
    selection.addEventListener("change", () => this.#choose(), { signal });
    // News may have come before: what was there from the start is still to be fetched.
    return selection.chosen.length ? this.#choose() : this.#fetch(this.shown);
  }

  async #fetch(trials) {
    const missing = trials.filter((number) => !this.store.has(number));
    if (missing.length) {
      const report = await this.load(`${this.getAttribute("src")}?trials=${missing.join(",")}`);
      if (!report) return; // what is drawn stays, with a note why
      this.store.fill(report.curves);
    }
    this.#show();
  }

  #news(report) {
    if (!isOf(report, this.getAttribute("src"))) return;
    const touched = this.store.merge(report.curves);
    const running = report.curves.filter((curve) => curve.trial_state === "running").map((curve) => curve.trial);
    const fixed = this.hasAttribute("only");
    // As many as can be labelled: a line that nobody can name tells nothing.
    const latest = [...new Set([...this.shown, ...running])];
    if (!this.chosen && !fixed) this.shown = latest.slice(-Math.max(MOST_LABELS, running.length));
    if (this.shown.some((number) => touched.has(number)) && this.drawsNews()) this.#show();
  }

  showNews() {
    this.#show();
  }

  #choose() {
    const chosen = selection.chosen.slice(-MOST_CURVES);
    if (this.chosen && chosen.join() === this.shown.join()) return undefined;
    if (!this.chosen && !chosen.length && this.store.metrics.length) return undefined;
    this.chosen = chosen.length > 0;
    this.shown = this.chosen ? chosen : this.first;
    return this.#fetch(this.shown);
  }

  #show() {
    if (!this.isSeen) return;
    this.#metrics();
    const metric = this.options.metric;
    const curves = this.#named(this.store.of(this.shown)).filter((curve) => (curve.metrics[metric] ?? []).length);
    this.say(curves.length ? "" : "A curve appears after the first epoch");
    if (!curves.length && !this.chart) return;
    this.options.isAligned = this.hasAttribute("aligned");
    this.draw({ curves, metric });
    const chosen = this.chosen ? chosenWords(this.shown.length, selection.chosen.length) : "";
    this.note([chosen, curveNote(this.report, this.options)].filter(Boolean).join(" · "));
  }

  /** On a trial's page each execution is a line of its own, unless it is asked for their middle. */
  #named(curves) {
    if (this.options.over !== "each") return curves;
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

const chosenWords = (shown, chosen) => (shown < chosen ? `The last ${shown} of ${chosen} selected trials` : shown === 1 ? "The selected trial" : `The ${shown} selected trials`);
const numbers = (text) => (text ?? "").split(",").filter(Boolean).map(Number);

customElements.define("learning-curves", LearningCurves);
