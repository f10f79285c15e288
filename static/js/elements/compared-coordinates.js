/** <compared-coordinates from root>: a line for each compared trial across its hyperparameters, in its own colour. */
import { parallelRows } from "../charts/parallel-rows.js";
import { trialColour, trialDash } from "../lib/palette.js";
import { shownTrials } from "../lib/shown-trials.js";
import { TrialStore } from "../lib/trial-store.js";
import { ParallelCoordinates } from "./parallel-coordinates.js";

const HELD = { width: 3 };

class ComparedCoordinates extends ParallelCoordinates {
  pressWords = "Double-click to open";

  buildRows = (report) => parallelRows({ ...report, nameOf: (index) => this.nameOf(index) });

  /** The page holds its trials; a trial's number is its place there, as several may be called 0. */
  /** @type {ReportJson[]} */
  columns = [];

  async loadStore() {
    ({ columns: this.columns } = JSON.parse(document.getElementById(this.getAttribute("from")).textContent));
    return new TrialStore(this.config);
  }

  nameOf(index) {
    return this.columns[index].label;
  }

  pageOf(index) {
    const { code, number } = this.columns[index];
    return `${this.getAttribute("root")}experiments/${code}/trials/${number}/`;
  }

  async start() {
    await super.start();
    shownTrials.addEventListener("change", () => this.later("keep"), { signal: this.abort.signal });
  }

  groupsOf(kept) {
    const shown = kept.filter((index) => shownTrials.isShown(this.#keyOf(index)));
    return shown.map((index) => ({ kind: "own", shade: -1, alpha: 0.95, width: 2, indices: [index], ...this.#look(index) }));
  }

  *standOut() {
    const held = this.columns.findIndex((_, index) => this.#keyOf(index) === shownTrials.held);
    if (held >= 0 && this.kept.includes(held)) yield [held, { ...HELD, ...this.#look(held), halo: this.theme.panel }];
  }

  press() {}

  #keyOf(index) {
    return `${this.columns[index].code}:${this.columns[index].number}`;
  }

  #look(index) {
    const { colour, dash } = this.columns[index];
    return { colour: trialColour(this.theme, colour), dash: trialDash(dash) };
  }
}
customElements.define("compared-coordinates", ComparedCoordinates);
