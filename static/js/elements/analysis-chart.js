/** What every chart of the Analysis tab shares: it begins when it is seen, and follows trials and selection. */
import { makeAxis } from "../charts/parallel-axes.js";
import { drawnCells, whiskers } from "../charts/drawn-cells.js";
import { keptInAddress } from "../lib/address.js";
import { el } from "../lib/dom.js";
import { ask } from "../lib/ask.js";
import { feed, onNews } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { loadHistory } from "../lib/history.js";
import { Kept } from "../lib/kept.js";
import { selection } from "../lib/selection.js";
import { ChartElement } from "./chart-element.js";

const REST_MS = 120; // after the last change of the selection
const AHEAD = "200px"; // below the screen

let turns = Promise.resolve();
/** Charts draw one after another, each in a task of its own: together they would hold the page. */
const turn = () => (turns = turns.then(() => new Promise((resolve) => setTimeout(resolve))));

const answers = new Kept(); // charts of a page that read the same address ask once

/**
 * What a chart is beyond what all of them share. One is exported by each module in charts/.
 * @typedef {object} ChartSpec
 * @property {(report: any, theme: any, options: any) => any} config what Chart.js draws
 * @property {(report: any) => Rows} rows its table, the head first
 * @property {(report: any) => string} [note] a line below it
 * @property {(report: any) => any[]} [points] what is drawn; with none of it, no trial has a score
 * @property {(report: any) => string} [empty] why nothing is drawn; "" where something is
 * @property {(found: any) => any} [read] the answer of the data's address, made ready
 * @property {(chart: AnalysisChart, seen: any) => object} [more] of the report, beside trials, selection and data
 * @property {string[]} [query] options that the data's address takes
 * @property {string[]} [choosers] options that choose a hyperparameter
 * @property {(row: any, values: any[]) => boolean} [takes] hyperparameters that can be chosen; all, without it
 * @property {string} [nothing] words where there are fewer hyperparameters than choosers
 * @property {(chart: AnalysisChart) => any} [news] what the data tell of: they are asked anew when it has changed
 * @property {(now: any, then: any) => boolean} [isOld] whether it has changed enough
 * @property {(found: any) => number} [restMs] between two questions
 * @property {ReportJson[]} [plugins] of Chart.js
 */

/** Attributes: src (history.json), page, data, importance, address (its name in the page's query), config (id of its element), eager. */
export class AnalysisChart extends ChartElement {
  /** @type {ChartSpec} */
  spec = { config: () => ({}), rows: () => [] };
  plugins = [drawnCells, whiskers];
  /** @type {ReportJson} of the data's address */
  found = {};
  newsThen = undefined; // the state of the data when they were requested
  askedAt = 0;
  begun = null; // the promise of a first drawing
  epochsHeard = 0;
  isSeen = false;
  isStale = false;

  start() {
    Object.assign(this, { buildConfig: this.spec.config, buildRows: this.spec.rows, plugins: this.spec.plugins ?? this.plugins });
    this.choosers = this.spec.choosers ?? [];
    this.config = JSON.parse(document.getElementById(this.getAttribute("config") ?? "analysis-config").textContent);
    this.labels = new Map(this.config.columns.map(({ key, label }) => [key, label]));
    this.labelOf = (key) => this.labels.get(key) ?? key;
    if (this.hasAttribute("eager")) return this.#see(true); // it may be printed before anybody scrolls to it
    const watch = new IntersectionObserver(([entry]) => this.#see(entry.isIntersecting), { rootMargin: AHEAD });
    watch.observe(this);
    this.abort.signal.addEventListener("abort", () => watch.disconnect());
    return undefined;
  }

  #see(isSeen) {
    this.isSeen = isSeen;
    if (!isSeen) return;
    this.begun ??= this.#begin();
    if (this.isStale) this.#later();
  }

  async #begin() {
    const { signal } = this.abort;
    this.store = await this.untilThere(() => loadHistory(this.getAttribute("src")));
    if (!this.store || (this.choosers.length && !(await this.#choices()))) return;
    await this.untilThere(() => this.prepare());
    if (signal.aborted) return;
    selection.addEventListener("change", () => this.#later(), { signal });
    feed.addEventListener("trials", () => this.#later(), { signal });
    onNews(({ curves, trials }) => {
      if (!curves?.length && trials) return;
      this.epochsHeard += 1;
      this.isStale ||= !this.isSeen;
      this.#renew();
    }, signal);
    await turn();
    this.isReady = true;
    if (this.isConnected) this.show();
  }

  /** Fetch what is read beside the trials; what was chosen anew meanwhile is fetched as well. */
  async prepare(anew = false) {
    if (!this.hasAttribute("data")) return;
    const address = this.dataAddress();
    const news = this.spec.news?.(this);
    const found = await answers.get(address, () => ask(address), anew);
    if (address !== this.dataAddress()) return this.prepare();
    this.found = this.spec.read?.(found) ?? found;
    Object.assign(this, { newsThen: news, askedAt: performance.now() });
  }

  dataAddress() {
    const query = new URLSearchParams((this.spec.query ?? []).map((name) => [name, this.options[name]]));
    return this.getAttribute("data") + (query.size ? `?${query}` : "");
  }

  /** Draw, or say why not. */
  show() {
    const axes = this.chosenKeys().map((key) => this.axisOf(key));
    const seen = this.seen();
    const report = { ...seen, ...this.found, axes, axis: axes[0], labelOf: this.labelOf, ...this.spec.more?.(this, seen) };
    const { points, empty, note } = this.spec;
    const nothing = points && !points(report).length ? "No completed trial has a score yet" : "";
    const words = nothing || (empty?.(report) ?? "");
    this.say(words);
    this.note(nothing ? "" : note?.(report) ?? "");
    if (!words) this.draw(report);
    this.#renew();
  }

  /** Ask anew when the data tell of something that has changed: at most once a rest, and only while somebody looks. */
  #renew() {
    const { news, isOld = (now, then) => now !== then, restMs } = this.spec;
    if (!news || this.renewal || !this.isReady || !this.isSeen || !isOld(news(this), this.newsThen)) return;
    const rest = restMs?.(this.found) ?? 0;
    this.renewal = setTimeout(async () => {
      try {
        await this.prepare(true);
        if (this.isConnected) this.show();
      } catch (error) {
        if (!this.abort.signal.aborted) this.note(`Not updated: ${error.message}`);
      } finally {
        this.renewal = undefined;
      }
    }, Math.max(0, this.askedAt + rest - performance.now()));
  }

  /** At most one drawing a rest, and none while nobody looks. */
  #later() {
    this.isStale = !this.isSeen;
    clearTimeout(this.timer);
    if (this.isSeen) this.timer = setTimeout(() => this.isConnected && this.show(), REST_MS);
  }

  /** Fill the choosers: the address's choice, else the most important ones. */
  async #choices() {
    const able = this.able();
    if (able.length < this.choosers.length) {
      this.say(this.spec.nothing ?? "No hyperparameter varies");
      return false;
    }
    const wanted = (new URLSearchParams(window.location.search).get(this.getAttribute("address")) ?? "").split(",");
    const usual = wanted.every((key) => able.includes(key)) ? [] : await this.#usual(able);
    const fields = this.choosers.map((name) => this.querySelector(`[data-option="${name}"]`));
    fields.forEach((field, at) => {
      field.replaceChildren(...able.map((key) => el("option", { value: key }, this.labelOf(key))));
      field.value = usual[at] ?? wanted[at];
      field.disabled = false;
    });
    this.readOptions();
    this.keepAddress = keptInAddress((query) => {
      if (this.isOwnChoice) query.set(this.getAttribute("address"), this.chosenKeys().join(","));
    });
    this.isOwnChoice = !usual.length;
    return true;
  }

  async #usual(able) {
    let first = [];
    try {
      const address = this.getAttribute("importance");
      const { pair, studies } = await answers.get(address, () => ask(address));
      first = [...pair, ...studies.flatMap(({ effects }) => effects.flatMap(({ names }) => names))];
    } catch {
      first = []; // the importance chart says why; the others begin with the space's first
    }
    return [...new Set([...first, ...able])].filter((key) => able.includes(key)).slice(0, this.choosers.length);
  }

  /** Keys that the choosers offer: hyperparameters that vary. */
  able() {
    const keys = this.config.columns.filter(({ hyper, equal }) => hyper && !equal).map(({ key }) => key);
    const { takes } = this.spec;
    return takes ? keys.filter((key) => takes(this.config.space.find((row) => row.key === key), this.store.values[key])) : keys;
  }

  chosenKeys() {
    return this.choosers.map((name) => this.options[name]);
  }

  async optionsChanged() {
    this.isOwnChoice = true;
    this.keepAddress?.();
    this.zoom = null;
    if (!this.isReady) return;
    if (this.spec.query) await this.untilThere(() => this.prepare(true));
    if (this.isConnected) this.show();
  }

  axisOf(key) {
    const column = this.config.columns.find((each) => each.key === key);
    return makeAxis(column, this.config.space.find((row) => row.key === key), this.store);
  }

  /** The store, the chosen trials, and whether a row is in the page's selection; a filter that can't be read keeps all. */
  seen() {
    const names = this.config.columns.map(({ key }) => key);
    try {
      return { store: this.store, chosen: selection.chosen, isNarrow: selection.isNarrow, keeps: selection.isNarrow ? selection.keeps(this.store, names) : () => true };
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return { store: this.store, chosen: selection.chosen, isNarrow: false, keeps: () => true };
    }
  }

  addressOf(_dataset, point) {
    return Number.isInteger(point.number) ? `${this.getAttribute("page")}trials/${point.number}/` : null;
  }
}

/** Make `<tag>` the chart that `spec` says. @param {string} tag @param {ChartSpec} spec */
export function defineChart(tag, spec) {
  customElements.define(tag, class extends AnalysisChart {
    spec = spec;
  });
}
