/** What every chart element shares: draw, redraw without animation, table twin, PNG, CSV, full screen. */
import { csv, saveAddress, saveText } from "../lib/download.js";
import { crosshair, endLabels } from "../charts/plugins.js";
import { readTheme } from "../lib/palette.js";
import { plain } from "../lib/format.js";
import { enableZoom } from "../lib/zoom.js";

const MOST_ROWS = 1000; // of a table twin; the CSV holds all

export class ChartElement extends HTMLElement {
  /** @type {(report: object, theme: object, options: object) => object} */
  buildConfig = () => ({});
  /** @type {(report: object) => (string|number|null)[][]} */
  buildRows = () => [];
  plugins = [endLabels, crosshair];
  report = null;
  chart = null;
  zoom = null;
  abort = new AbortController();

  connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("change", (event) => this.#choose(event), { signal });
    document.documentElement.addEventListener("theme-changed", () => this.redraw(), { signal });
    this.readOptions();
    this.start();
  }

  disconnectedCallback() {
    this.abort.abort();
    this.chart?.destroy();
    this.chart = null;
  }

  /** Elements begin to load and listen here. */
  start() {}

  /** Fetch JSON; what goes wrong is told inside the chart. */
  async load(address) {
    try {
      const answer = await fetch(address, { signal: this.abort.signal });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      return await answer.json();
    } catch (error) {
      if (!this.abort.signal.aborted) this.say(`The chart's data did not arrive. ${error.message}`);
      return null;
    }
  }

  readOptions() {
    this.options = { ...this.options };
    for (const field of this.querySelectorAll("[data-option]")) this.options[field.dataset.option] = field.value;
  }

  /** Show words in place of the chart; no words: the chart. */
  say(words) {
    const place = this.querySelector("[data-chart-empty]");
    if (!place) return;
    place.hidden = !words;
    if (words) place.textContent = words;
  }

  note(words) {
    const place = this.querySelector("[data-chart-note]");
    if (place) place.textContent = words;
  }

  /** @param {object} report */
  draw(report) {
    this.report = report;
    this.redraw();
  }

  redraw() {
    if (!this.report || !this.isConnected) return;
    this.paint();
    this.fillTable();
  }

  /** Charts that Chart.js does not draw override this, and `picture`. */
  paint() {
    const config = this.buildConfig(this.report, readTheme(this), this.options ?? {});
    if (this.zoom) Object.assign(config.options.scales.x, this.zoom);
    if (this.chart) {
      this.chart.data = config.data;
      this.chart.options = config.options;
      this.chart.update("none");
    } else {
      const canvas = this.querySelector("canvas");
      this.chart = new window.Chart(canvas, { ...config, plugins: this.plugins });
      const { signal } = this.abort;
      canvas.addEventListener("click", (event) => this.#open(event), { signal });
      enableZoom(canvas, () => this.chart, (range) => this.#zoomTo(range), signal);
    }
  }

  /** Elements may say where a click on a point leads. */
  addressOf(_dataset, _point) {
    return null;
  }

  #zoomTo(range) {
    this.zoom = range;
    this.redraw();
  }

  #open(event) {
    const { canvas } = this.chart;
    if (canvas.dataset.dragged) {
      delete canvas.dataset.dragged;
      return;
    }
    const [hit] = this.chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
    if (!hit) return;
    const dataset = this.chart.data.datasets[hit.datasetIndex];
    const address = this.addressOf(dataset, dataset.data[hit.index]);
    if (address) window.location.href = address;
  }

  #choose(event) {
    if (!event.target.closest?.("[data-option]")) return;
    this.readOptions();
    this.optionsChanged();
  }

  /** Elements that need other data for other options override this. */
  optionsChanged() {
    this.redraw();
  }

  #press(event) {
    const button = event.target.closest?.("[data-chart]");
    if (!button) return;
    const name = `${this.localName}-${document.title.split(" · ").at(-2) ?? "chart"}`.replace(/[^\w-]+/g, "-").toLowerCase();
    if (button.dataset.chart === "png" && this.report) saveAddress(this.picture(), `${name}.png`);
    if (button.dataset.chart === "svg" && this.report) saveText(this.toSvg(), `${name}.svg`, "image/svg+xml");
    if (button.dataset.chart === "csv" && this.report) saveText(csv(this.buildRows(this.report)), `${name}.csv`);
    if (button.dataset.chart === "full") document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen();
    if (button.dataset.chart === "help") {
      const words = this.querySelector("[data-chart-help]");
      words.hidden = !words.hidden;
      button.setAttribute("aria-expanded", String(!words.hidden));
    }
    if (button.dataset.chart === "table") {
      const place = this.querySelector("[data-chart-table]");
      place.hidden = !place.hidden;
      button.setAttribute("aria-pressed", String(!place.hidden));
      this.fillTable();
    }
  }

  /** The canvas on the panel's own ground, so that the file can be read anywhere. */
  picture() {
    const { canvas } = this.chart;
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext("2d");
    context.fillStyle = readTheme(this).panel;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return copy.toDataURL("image/png");
  }

  fillTable() {
    const place = this.querySelector("[data-chart-table]");
    if (!place || place.hidden || !this.report) return;
    const [heads, ...rows] = this.buildRows(this.report);
    const table = document.createElement("table");
    table.className = "table-dense";
    const headRow = table.createTHead().insertRow();
    for (const head of heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.className = "num";
      cell.textContent = head;
      headRow.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows.slice(0, MOST_ROWS)) {
      const line = body.insertRow();
      for (const value of row) {
        const cell = line.insertCell();
        cell.className = "num";
        cell.textContent = plain(value);
        if (typeof value === "number") cell.title = String(value);
      }
    }
    place.replaceChildren(table);
    if (rows.length > MOST_ROWS) place.append(`The first ${MOST_ROWS} of ${rows.length} rows; the CSV holds all.`);
  }
}
