/** <compared-curves from metric address>: overlaid curves of trials that may come from several experiments. */
import { curveNote, learningCurvesConfig, learningCurvesRows, MOST_LABELS } from "../charts/learning-curves.js";
import { keptInAddress } from "../lib/address.js";
import { readChart, writeChart } from "../lib/compare-address.js";
import { el } from "../lib/dom.js";
import { faded } from "../lib/palette.js";
import { shownTrials } from "../lib/shown-trials.js";
import { ChartElement } from "./chart-element.js";

const FAINT = 0.15; // of the other lines, while one is pointed at

class ComparedCurves extends ChartElement {
  buildRows = learningCurvesRows;
  buildConfig = (report, theme, options) => {
    const config = learningCurvesConfig(report, theme, options);
    const { held } = shownTrials;
    const isThere = held && config.data.datasets.some(({ isMain, key }) => isMain && key === held);
    for (const dataset of isThere ? config.data.datasets : []) {
      if (dataset.isMain && dataset.key !== held) dataset.borderColor = faded(dataset.borderColor, FAINT);
      if (dataset.isMain && dataset.key === held) dataset.borderWidth = 3;
      if (!dataset.isMain) dataset.hidden = true; // bands and crosses of all
    }
    return config;
  };

  async start() {
    const name = this.getAttribute("address");
    this.#choose(new URLSearchParams(window.location.search).get(name) ?? "");
    this.keepAddress = keptInAddress((query) => {
      const text = writeChart(this.curves ? this.options : { ...this.options, metric: this.wanted }, this.usual);
      if (text) query.set(name, text);
      else query.delete(name);
    });
    this.keepAddress(); // somebody may have chosen before this script was there
    const { columns } = JSON.parse(document.getElementById(this.getAttribute("from")).textContent);
    this.columns = columns;
    if (!(await this.#fetch())) return;
    const { signal } = this.abort;
    shownTrials.addEventListener("change", () => this.#show(), { signal });
    document.addEventListener("compared-news", async () => (await this.#fetch()) && this.#show(), { signal });
    this.#show();
  }

  /** The curves of all columns; false where one did not arrive. */
  async #fetch() {
    const { columns } = this;
    const codes = [...new Set(columns.map(({ code }) => code))];
    const reports = await Promise.all(codes.map((code) => this.#curvesOf(code, columns)));
    if (reports.some((report) => report === null)) return false;
    this.curves = columns.flatMap((column) =>
      reports[codes.indexOf(column.code)].curves
        .filter((curve) => curve.trial === column.number)
        .map((curve) => ({ ...curve, key: `${column.code}:${column.number}`, colour: column.colour, dash: column.dash, label: column.label })),
    );
    this.#metrics();
    return true;
  }

  /** Both charts of the page ask for the same curves: one request. */
  #curvesOf(code, columns) {
    const numbers = columns.filter((column) => column.code === code).map(({ number }) => number);
    return this.load(`${this.getAttribute("root")}experiments/${code}/curves.json?trials=${numbers.join(",")}`);
  }

  /** What the address asks for; what it doesn't name, or a field doesn't offer, stays as it is chosen. */
  #choose(text) {
    const fields = [...this.querySelectorAll('[data-option]:not([data-option="metric"])')];
    this.usual = { ...Object.fromEntries(fields.map((field) => [field.dataset.option, usualOf(field)])), metric: this.getAttribute("metric") };
    const choice = readChart(text);
    this.wanted = choice.metric ?? this.usual.metric;
    for (const field of fields) {
      const value = choice[field.dataset.option];
      if ([...field.options].some((option) => option.value === value)) field.value = value;
    }
    this.readOptions();
  }

  #metrics() {
    const field = this.querySelector('[data-option="metric"]');
    const names = [...new Set(this.curves.flatMap((curve) => Object.keys(curve.metrics)))];
    names.sort((a, b) => Number(b.startsWith("val_")) - Number(a.startsWith("val_")) || a.localeCompare(b));
    if (!names.length || names.join() === [...field.options].map(({ value }) => value).join()) return;
    field.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    this.usual.metric = names.includes(this.usual.metric) ? this.usual.metric : names[0];
    field.value = names.includes(this.wanted) ? this.wanted : this.usual.metric;
    this.readOptions();
  }

  #show() {
    const { metric } = this.options;
    const known = this.curves.filter((curve) => (curve.metrics[metric] ?? []).length);
    const curves = known.filter(({ key }) => shownTrials.isShown(key));
    this.say(curves.length ? "" : known.length ? "Every trial is hidden" : "No epoch yet in these trials");
    if (curves.length || this.chart) this.draw({ curves, metric });
    const without = this.columns.length - countOf(known);
    this.note([without && known.length && `${without} of ${this.columns.length} trials have no ${metric}`, countOf(curves) > MOST_LABELS && `no bands above ${MOST_LABELS} trials`, curveNote({ curves, metric }, this.options)].filter(Boolean).join(" · "));
  }

  optionsChanged() {
    this.keepAddress();
    if (this.curves) this.#show();
  }

  addressOf({ key }) {
    if (!key) return null;
    const [code, number] = key.split(":");
    return `${this.getAttribute("root")}experiments/${code}/trials/${number}/`;
  }
}

const usualOf = ({ options }) => ([...options].find(({ defaultSelected }) => defaultSelected) ?? options[0]).value;
const countOf = (curves) => new Set(curves.map(({ key }) => key)).size;

customElements.define("compared-curves", ComparedCurves);
