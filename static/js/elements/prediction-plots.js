/** <prediction-plot src kind> and <confusion-table src>: how a trial's out-of-fold predictions err. */
import * as plots from "../charts/predictions.js";
import { thousands } from "../lib/format.js";
import { ChartElement } from "./chart-element.js";

const KINDS = {
  roc: [plots.rocConfig, plots.rocRows],
  "precision-recall": [plots.precisionRecallConfig, plots.precisionRecallRows],
  calibration: [plots.calibrationConfig, plots.calibrationRows],
  predicted: [plots.predictedConfig, plots.predictedRows],
  residuals: [plots.residualConfig, plots.residualRows],
};

class PredictionElement extends ChartElement {
  /** Elements draw. @param {ReportJson} _report @param {string} _kind */
  show(_report, _kind) {}

  async start() {
    const report = await this.load(this.getAttribute("src")); // the plots of a page share one answer
    if (!report) return;
    const kind = this.getAttribute("kind") ?? "";
    const words = plots.emptyWords(report, kind);
    this.say(words);
    if (!words) this.show(report, kind);
  }
}

class PredictionPlot extends PredictionElement {
  show(report, kind) {
    [this.buildConfig, this.buildRows] = KINDS[kind];
    this.draw(report);
    const more = kind === "roc" || kind === "precision-recall" ? plots.leftOutNote(report) : "";
    this.note([plots.poolNote(report), more].filter(Boolean).join(" · "));
  }
}

class ConfusionTable extends PredictionElement {
  show(report) {
    const { classes, confusion } = report;
    const table = document.createElement("table");
    table.className = "confusion";
    table.append(heads(classes));
    const body = table.createTBody();
    confusion.forEach((counts, truth) => body.append(line(classes[truth], counts, truth)));
    this.querySelector("[data-confusion]").replaceChildren(table);
    const more = report.left_out ? `most frequent classes; ${thousands(report.left_out)} left out` : "";
    this.note([plots.poolNote(report), more].filter(Boolean).join(" · "));
  }
}

function heads(classes) {
  const head = document.createElement("thead");
  const row = head.insertRow();
  row.append(cell("th", "true ↓ predicted →", "col"));
  for (const name of classes) row.append(cell("th", name, "col"));
  row.append(cell("th", "recall", "col"));
  return head;
}

function line(name, counts, truth) {
  const row = document.createElement("tr");
  row.append(cell("th", name, "row"));
  const total = counts.reduce((sum, count) => sum + count, 0);
  counts.forEach((count, answer) => {
    const place = cell("td", thousands(count));
    place.classList.add(answer === truth ? "is-right" : "is-wrong");
    place.style.setProperty("--share", `${total ? Math.round((100 * count) / total) : 0}%`);
    row.append(place);
  });
  row.append(cell("td", total ? `${((100 * counts[truth]) / total).toFixed(1)} %` : "–"));
  return row;
}

function cell(kind, text, scope = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (scope) made.scope = scope;
  if (kind === "th") made.title = text;
  return made;
}

customElements.define("prediction-plot", PredictionPlot);
customElements.define("confusion-table", ConfusionTable);
