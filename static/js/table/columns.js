/** Which columns the trial table shows: chosen ones, hyperparameters that differ, metrics on demand. */
import { tableQuery } from "../lib/trial-row.js";

export class Columns {
  /** @param {HTMLElement} table with the menu @param {ReportJson[]} known as the server tells them @param {string} search */
  constructor(table, known, search) {
    const query = new URLSearchParams(search);
    this.table = table;
    this.known = known;
    this.hidden = (query.get("hide") ?? "").split(",").filter(Boolean);
    this.withEqual = query.get("equal") === "1";
    this.loaded = new Set();
  }

  get shown() {
    return this.known.filter(({ key, equal }) => !this.hidden.includes(key) && (this.withEqual || !equal));
  }

  /** Names that filters and brushes may ask for. */
  get names() {
    return this.known.map(({ key }) => key);
  }

  get metrics() {
    return this.known.filter(({ metric }) => metric).map(({ key }) => key);
  }

  write(query, order) {
    tableQuery(query, { order, hidden: this.hidden, withEqual: this.withEqual, metrics: this.metrics });
  }

  /** A box of the menu was pressed. @param {HTMLInputElement} field @returns {boolean} whether it was one of the menu's */
  change(field) {
    if (field.hasAttribute("data-equal")) this.#showEqual(field.checked);
    else if (field.dataset.metric) this.#showMetric(field);
    else if (field.dataset.column) this.#show(field);
    else return false;
    return true;
  }

  #show({ dataset, checked }) {
    const column = this.known.find(({ key }) => key === dataset.column);
    this.hidden = this.hidden.filter((key) => key !== column.key);
    if (!checked) this.hidden.push(column.key);
    else if (column.equal) this.#showEqual(true);
  }

  #showMetric({ dataset, checked }) {
    this.known = this.known.filter(({ key }) => key !== dataset.metric);
    if (checked) this.known.push({ key: dataset.metric, label: dataset.label, hyper: false, equal: false, text: false, metric: true });
  }

  #showEqual(isShown) {
    this.withEqual = isShown;
    this.table.querySelector("[data-equal]").checked = isShown;
    for (const { key, equal } of this.known) {
      if (equal) this.table.querySelector(`[data-column="${CSS.escape(key)}"]`).checked = isShown && !this.hidden.includes(key);
    }
  }

  /** Fetch metrics' columns that are shown and not there yet; of trials that changed, again. */
  async load(store, src, numbers = null) {
    const wanted = numbers ? this.metrics : this.metrics.filter((key) => !this.loaded.has(key));
    if (!wanted.length || numbers?.length === 0) return false;
    const query = new URLSearchParams({ columns: wanted.join(","), ...(numbers ? { trials: numbers.join(",") } : {}) });
    const answer = await fetch(`${src}?${query}`);
    if (!answer.ok) return false;
    const report = await answer.json();
    for (const [key, values] of Object.entries(report.columns)) {
      store.put(key, report.numbers, values);
      this.loaded.add(key);
    }
    return true;
  }
}
