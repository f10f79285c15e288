/** <running-trials page objective>: a small chart for each trial that runs now. */
import { learningCurvesConfig } from "../charts/learning-curves.js";
import { library, loadCharts } from "../lib/charts.js";
import { CurveStore } from "../lib/curve-store.js";
import { onNews } from "../lib/feed.js";
import { readTheme } from "../lib/palette.js";
import { runningWords } from "../lib/running-words.js";

class RunningTrials extends HTMLElement {
  store = new CurveStore();
  cards = new Map();

  connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    onNews((report) => this.#news(report), signal);
    document.documentElement.addEventListener("theme-changed", () => this.#drawAll(), { signal });
  }

  disconnectedCallback() {
    this.abort.abort();
    for (const card of this.cards.values()) card.chart?.destroy();
  }

  #news(report) {
    for (const place of this.querySelectorAll("[data-placeholder]")) place.remove();
    const touched = this.store.merge(report.curves);
    const states = new Map(report.curves.map((curve) => [curve.trial, curve.trial_state]));
    for (const [number, state] of states) {
      if (state === "running") this.#card(number);
      else this.#drop(number);
    }
    this.#dropEnded(report.trials);
    for (const number of this.cards.keys()) if (touched.has(number)) this.#draw(number);
  }

  #dropEnded(trials) {
    trials?.own.number.forEach((number, row) => {
      if (trials.own.state[row] !== "running") this.#drop(number);
    });
  }

  #card(number) {
    if (this.cards.has(number)) return;
    const node = /** @type {HTMLElement} */ (this.querySelector("template").content.firstElementChild.cloneNode(true));
    node.querySelector("[data-name]").textContent = `Trial ${number}`;
    node.querySelector("[data-link]").href = `${this.getAttribute("page")}trials/${number}/`;
    node.querySelector("canvas").setAttribute("aria-label", `${this.getAttribute("objective")} of trial ${number} after each epoch`);
    const after = [...this.cards].filter(([other]) => other > number).sort(([a], [b]) => a - b)[0];
    this.insertBefore(node, after ? after[1].node : null);
    this.cards.set(number, { node, chart: null });
  }

  #drop(number) {
    const card = this.cards.get(number);
    if (!card) return;
    card.chart?.destroy();
    card.node.remove();
    this.cards.delete(number);
  }

  #drawAll() {
    for (const number of this.cards.keys()) this.#draw(number);
  }

  #draw(number) {
    const card = this.cards.get(number);
    const curves = this.store.of([number]);
    if (!curves.length) return;
    card.node.querySelector("[data-meta]").textContent = runningWords(curves);
    if (!library.Chart) {
      loadCharts().then(() => this.cards.has(number) && this.#draw(number), () => {}); // the next news asks again
      return;
    }
    const metric = this.getAttribute("objective");
    const config = learningCurvesConfig({ curves, metric }, readTheme(this), { isSmall: true });
    if (card.chart) {
      card.chart.data = config.data;
      card.chart.options = config.options;
      card.chart.update("none");
    } else {
      card.chart = new library.Chart(card.node.querySelector("canvas"), config);
    }
  }
}
customElements.define("running-trials", RunningTrials);
