/** What every chart of the Analysis tab shares: it begins when it is seen, and follows trials and selection. */
import { makeAxis } from "../charts/parallel-axes.js";
import { drawnCells, whiskers } from "../charts/drawn-cells.js";
import { keptInAddress } from "../lib/address.js";
import { el } from "../lib/dom.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { loadHistory } from "../lib/history.js";
import { loadImportance } from "../lib/importance.js";
import { selection } from "../lib/selection.js";
import { ChartElement } from "./chart-element.js";

const REST_MS = 120; // after the last change of the selection
const AHEAD = "200px"; // below the screen

let turns = Promise.resolve();
/** Charts draw one after another, each in a task of its own: together they would hold the page. */
const turn = () => (turns = turns.then(() => new Promise((resolve) => setTimeout(resolve))));

/** Attributes: src (history.json), page, importance, address (its name in the page's query), config (id of its element), eager. */
export class AnalysisChart extends ChartElement {
  plugins = [drawnCells, whiskers];
  /** Options that choose a hyperparameter, in order. */
  choosers = [];
  isSeen = false;
  isStale = false;

  start() {
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
    await turn();
    this.isReady = true;
    if (this.isConnected) this.show();
  }

  /** Elements fetch what else they need. */
  async prepare() {}

  /** Elements draw, or say why not. */
  show() {}

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
      this.say(this.nothingWords);
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
      const { pair, studies } = await loadImportance(this.getAttribute("importance"));
      first = [...pair, ...studies.flatMap(({ effects }) => effects.flatMap(({ names }) => names))];
    } catch {
      first = []; // the importance chart says why; the others begin with the space's first
    }
    return [...new Set([...first, ...able])].filter((key) => able.includes(key)).slice(0, this.choosers.length);
  }

  /** Keys that the choosers offer: hyperparameters that vary. */
  able() {
    return this.config.columns.filter(({ hyper, equal }) => hyper && !equal).map(({ key }) => key);
  }

  nothingWords = "No hyperparameter varies";

  chosenKeys() {
    return this.choosers.map((name) => this.options[name]);
  }

  optionsChanged() {
    this.isOwnChoice = true;
    this.keepAddress?.();
    this.zoom = null;
    if (this.isReady) this.show();
  }

  axisOf(key) {
    const column = this.config.columns.find((each) => each.key === key);
    return makeAxis(column, this.config.space.find((row) => row.key === key), this.store);
  }

  /** The store, and whether a row is in the page's selection; a filter that can't be read keeps all. */
  seen() {
    const names = this.config.columns.map(({ key }) => key);
    try {
      return { store: this.store, isNarrow: selection.isNarrow, keeps: selection.isNarrow ? selection.keeps(this.store, names) : () => true };
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return { store: this.store, isNarrow: false, keeps: () => true };
    }
  }

  /** Draw, or say why there is nothing to. @param {object} report @param {number} n trials that can be drawn */
  drawOrSay(report, n, note) {
    this.say(n ? "" : "No completed trial has a score yet");
    if (n) {
      this.draw(report);
      this.note(note);
    }
  }

  addressOf(_dataset, point) {
    return Number.isInteger(point.number) ? `${this.getAttribute("page")}trials/${point.number}/` : null;
  }
}
