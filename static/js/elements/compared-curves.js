/** <compared-curves from metric>: overlaid curves of trials that may come from several experiments. */
import { learningCurvesConfig, learningCurvesRows } from "../charts/learning-curves.js";
import { el } from "../lib/dom.js";
import { ChartElement } from "./chart-element.js";

const loads = new Map();

class ComparedCurves extends ChartElement {
  buildConfig = learningCurvesConfig;
  buildRows = learningCurvesRows;

  async start() {
    const { columns } = JSON.parse(document.getElementById(this.getAttribute("from")).textContent);
    const codes = [...new Set(columns.map(({ code }) => code))];
    const several = codes.length > 1;
    const reports = await Promise.all(codes.map((code) => this.#curvesOf(code, columns)));
    if (reports.some((report) => report === null)) return;
    this.curves = columns.flatMap((column) =>
      reports[codes.indexOf(column.code)].curves
        .filter((curve) => curve.trial === column.number)
        .map((curve) => ({
          ...curve,
          key: `${column.code}:${column.number}`,
          colour: column.colour,
          label: column.label + (several ? ` (${codes.indexOf(column.code) + 1})` : ""),
        })),
    );
    this.#metrics();
    this.#show();
  }

  /** Both charts of the page ask for the same curves: one request. */
  #curvesOf(code, columns) {
    const numbers = columns.filter((column) => column.code === code).map(({ number }) => number);
    const address = `${this.getAttribute("root")}experiments/${code}/curves.json?trials=${numbers.join(",")}`;
    if (!loads.has(address)) loads.set(address, this.load(address));
    return loads.get(address);
  }

  #metrics() {
    const field = this.querySelector('[data-option="metric"]');
    const names = [...new Set(this.curves.flatMap((curve) => Object.keys(curve.metrics)))];
    names.sort((a, b) => Number(b.startsWith("val_")) - Number(a.startsWith("val_")) || a.localeCompare(b));
    if (!names.length) return;
    const wanted = this.getAttribute("metric");
    field.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    field.value = names.includes(wanted) ? wanted : names[0];
    this.readOptions();
  }

  #show() {
    const { metric } = this.options;
    const curves = this.curves.filter((curve) => (curve.metrics[metric] ?? []).length);
    this.say(curves.length ? "" : "None of these trials has an epoch yet");
    if (curves.length || this.chart) this.draw({ curves, metric });
  }

  optionsChanged() {
    this.#show();
  }
}
customElements.define("compared-curves", ComparedCurves);
