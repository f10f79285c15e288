/** What hangs below an opened row: its curves, metric by metric, beside the best trial's and a typical one. */
import { learningCurvesConfig } from "../charts/learning-curves.js";
import { library, loadCharts } from "../lib/charts.js";
import { medianCurve, sampleOf } from "../lib/median-curve.js";
import { el } from "../lib/dom.js";
import { readTheme } from "../lib/palette.js";
import { thousands } from "../lib/format.js";

const MOST_CHARTS = 4;

export class OpenedRow {
  charts = [];

  /** @param {{ store: TrialStore, curves: import("./curves.js").Curves, page: string, objective: string, columns: number }} table */
  constructor(table, number) {
    this.table = table;
    this.number = number;
    this.words = el("p", { class: "quiet small row-words", role: "status" }, "Loading curves");
    this.pictures = el("div", { class: "row-charts" });
    const link = el("a", { href: `${table.page}trials/${number}/` }, "Open trial");
    const inside = el("div", { class: "row-detail" }, el("div", { class: "row-head" }, this.words, link), this.pictures);
    this.line = el("tr", { class: "opened", "data-opened": number }, el("td", { colspan: table.columns }, inside));
  }

  async draw() {
    const { store, curves } = this.table;
    const index = store.best();
    this.best = index < 0 ? null : store.own.number[index];
    const wanted = [this.number, ...(this.best === null ? [] : [this.best])];
    const script = loadCharts().then(() => true, () => false); // both are on their way at once
    if (!(await curves.load(wanted)) || !(await script)) return this.#say("The curves could not be loaded. Close the row and open it again.");
    this.#show();
    this.sample = sampleOf(store);
    if (this.sample.length > 2 && (await curves.load(this.sample))) this.#show();
    return undefined;
  }

  #say(words) {
    this.words.textContent = words;
  }

  #show() {
    if (!this.line.isConnected || !library.Chart) return;
    const { objective, store } = this.table;
    const curves = this.table.curves.store;
    const own = curves.of([this.number]);
    const known = new Set(own.flatMap((curve) => Object.keys(curve.metrics)));
    const names = curves.metrics.filter((name) => known.has(name));
    const first = (name) => Number(name === objective) + Number(name.startsWith("val_")) / 2;
    const shown = names.sort((a, b) => first(b) - first(a)).slice(0, MOST_CHARTS);
    if (!shown.length) {
      const place = store.own.number.indexOf(this.number);
      return this.#say(store.own.state[place] === "completed" ? "No values per epoch were recorded." : "A curve appears after the first epoch.");
    }
    const others = [];
    if (this.best !== null && this.best !== this.number) others.push(`trial ${this.best}, the best`);
    if (this.sample) others.push(`the median of ${this.sample.length} of ${thousands(store.own.state.filter((state) => state === "completed").length)} completed trials, dashed`);
    this.#say(`Trial ${this.number}${others.length ? ` beside ${others.join(" and ")}` : ""}`);
    shown.forEach((metric, place) => this.#chart(place, metric, own));
    return undefined;
  }

  #chart(place, metric, own) {
    const curves = this.table.curves.store;
    const others = this.best === null || this.best === this.number ? [] : curves.of([this.best]);
    const typical = this.sample ? [medianCurve(curves.of(this.sample), metric)].filter(Boolean) : [];
    const config = learningCurvesConfig({ curves: [...own, ...others, ...typical], metric }, readTheme(this.line));
    config.options.plugins.endLabels.isOn = false;
    config.options.layout.padding.right = 8;
    config.options.scales.y.title.display = false;
    config.options.scales.x.title.display = false;
    config.options.scales.y.ticks.maxTicksLimit = 5;
    if (this.charts[place]) {
      Object.assign(this.charts[place], { data: config.data, options: config.options });
      this.charts[place].update("none");
      return;
    }
    const canvas = el("canvas", { role: "img", "aria-label": `${metric} of trial ${this.number} after each epoch` });
    this.pictures.append(el("figure", {}, el("figcaption", { class: "small" }, metric), el("div", { class: "row-chart" }, canvas)));
    this.charts[place] = new library.Chart(canvas, config);
  }

  /** Its trial trains: draw what came. @param {Set<number>} touched */
  follow(touched) {
    if (touched.has(this.number)) this.#show();
  }

  close() {
    for (const chart of this.charts) chart.destroy();
    this.line.remove();
  }
}
