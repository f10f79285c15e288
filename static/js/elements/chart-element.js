/** What every chart element shares: draw, redraw without animation, table twin, PNG, SVG, CSV, full screen. */
import { ask } from "../lib/ask.js";
import { el } from "../lib/dom.js";
import { crosshair, endLabels } from "../charts/plugins.js";
import { inOrder } from "../charts/scales.js";
import { KINDS, saveChart } from "../lib/chart-file.js";
import { library, loadCharts } from "../lib/charts.js";
import { readTheme } from "../lib/palette.js";
import { isPrinting, PAPER_RATIO } from "../lib/print.js";
import { watchSight } from "../lib/seen.js";
import { tableTwin } from "../lib/table-twin.js";
import { enableZoom } from "../lib/zoom.js";

export class ChartElement extends HTMLElement {
  /** @type {(report: ReportJson, theme: Theme, options: Options) => ChartConfig} */
  buildConfig = () => ({ type: "line", data: { datasets: [] }, options: {} });
  /** @type {(report: ReportJson) => Rows} */
  buildRows = () => [];
  /** @type {ChartPlugin[]} */
  plugins = [endLabels, crosshair];
  report = null;
  chart = null;
  zoom = null;
  waits = null; // the promise of a first drawing, while Chart.js is on its way
  isOnScreen = true; // as far as is known
  isLate = false; // news came that are not drawn yet
  abort = new AbortController();

  connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("change", (event) => this.#choose(event), { signal });
    const root = document.documentElement;
    root.addEventListener("theme-changed", () => this.redraw(), { signal });
    root.addEventListener("for-paper", () => this.drawForPaper(), { signal });
    root.addEventListener("for-screen", () => this.drawForScreen(), { signal });
    this.readOptions();
    watchSight(this, signal, (isOn) => {
      this.isOnScreen = isOn;
      if (isOn) this.catchUp();
    });
    this.start();
  }

  disconnectedCallback() {
    this.abort.abort();
    this.chart?.destroy();
    this.chart = null;
  }

  /** Elements begin to load and listen here. */
  start() {}

  /** Whether news are drawn now: off the screen they wait until somebody comes. */
  drawsNews() {
    this.isLate = !this.isOnScreen;
    return this.isOnScreen;
  }

  /** Draw what came meanwhile. */
  catchUp() {
    if (!this.isLate) return;
    this.isLate = false;
    this.showNews();
  }

  /** Elements that put news off show them here. */
  showNews() {}

  /** Fetch JSON; null once the page is left, or where what is drawn could not be renewed. */
  async load(address) {
    if (!this.report) return this.untilThere(() => ask(address));
    const { signal } = this.abort;
    try {
      const found = await ask(address);
      return signal.aborted ? null : found;
    } catch (error) {
      if (!signal.aborted) this.note(`Not updated. ${error.message}`);
      return null;
    }
  }

  /** What `fetching` answers. Where it fails, chart and table say so, and it is tried again when somebody asks for it. */
  async untilThere(fetching) {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        const found = await fetching();
        return signal.aborted ? null : found;
      } catch (error) {
        if (!signal.aborted) await this.#askedAgain(`The chart's data could not be loaded. ${error.message}`, signal);
      }
    }
    return null;
  }

  /** Resolves for all that wait when "Try again" is pressed, or the page is left. */
  #askedAgain(words, signal) {
    this.asked ??= /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.again = () => resolve();
      signal.addEventListener("abort", () => resolve());
    })).finally(() => (this.asked = null));
    this.say(words, () => {
      this.say("Loading");
      this.again();
    });
    return this.asked;
  }

  readOptions() {
    this.options = { ...this.options };
    for (const field of this.querySelectorAll("[data-option]")) this.options[field.dataset.option] = field.value;
  }

  /** Show words in place of the chart and of its table, with a button that tries `again`; no words: the chart. */
  say(words, again = null) {
    this.message = { words, again };
    const place = this.querySelector("[data-chart-empty]");
    if (!place) return;
    place.hidden = !words;
    if (words) place.replaceChildren(...this.#messageParts());
    if (words) this.fillTable();
  }

  #messageParts() {
    const { words, again } = this.message;
    if (!again) return [words];
    const button = el("button", { class: "btn btn-sm", type: "button" }, "Try again");
    button.addEventListener("click", again, { once: true });
    return [el("span", {}, words), button];
  }

  note(words) {
    const place = this.querySelector("[data-chart-note]");
    if (place) place.textContent = words;
  }

  /** @param {ReportJson} report */
  draw(report) {
    this.report = report;
    this.redraw();
  }

  redraw() {
    if (!this.report || !this.isConnected) return;
    this.paint();
    this.fillTable();
  }

  /** At once, as the print waits for nobody. Charts that Chart.js does not draw override both. */
  drawForPaper() {
    this.catchUp();
    if (!this.chart) return;
    this.redraw();
    this.chart.resize();
  }

  /** As wide as before; the theme, which comes back as well, has drawn it. */
  drawForScreen() {
    this.chart?.resize();
  }

  /** Charts that Chart.js does not draw override this, and `picture`. */
  paint() {
    if (!library.Chart) {
      this.waits ??= this.#wait();
      return;
    }
    const config = this.asDrawn(readTheme(this));
    if (isPrinting()) config.options.devicePixelRatio = PAPER_RATIO;
    if (this.chart) {
      this.chart.data = config.data;
      this.chart.options = config.options;
      this.chart.update("none");
    } else {
      const canvas = this.querySelector("canvas");
      this.chart = new library.Chart(canvas, { ...config, plugins: this.plugins });
      canvas.addEventListener("click", (event) => this.#open(event), { signal: this.abort.signal });
      enableZoom(canvas, () => this.chart, (range) => this.#zoomTo(range), this.abort.signal);
    }
  }

  /** What Chart.js draws of the report. */
  asDrawn(theme) {
    const config = inOrder(this.buildConfig(this.report, theme, this.options ?? {}));
    if (this.zoom) Object.assign(config.options.scales.x, this.zoom);
    return config;
  }

  /** Draw once Chart.js is there, what is then to be drawn; charts that wait together draw in a task each. */
  async #wait() {
    try {
      await loadCharts();
      await new Promise((resolve) => setTimeout(resolve));
      this.redraw();
    } catch (error) {
      this.say(`The chart could not be drawn. ${error.message}`);
    } finally {
      this.waits = null;
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
    this.catchUp();
    const name = `${this.localName}-${document.title.split(" · ").at(-2) ?? "chart"}`.replace(/[^\w-]+/g, "-").toLowerCase();
    if (KINDS.includes(button.dataset.chart)) saveChart(this, button.dataset.chart, name);
    if (button.dataset.chart === "full") {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.requestFullscreen();
    }
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

  /** The chart as it stands, as a file; what draws it is loaded now. */
  async toSvg() {
    const { chartSvg } = await import("../lib/chart-svg.js");
    const theme = readTheme(this);
    const { width, height, canvas } = this.chart;
    const look = { width, height, ground: theme.panel, title: canvas.getAttribute("aria-label") };
    return chartSvg(library.Chart, { ...this.asDrawn(theme), plugins: this.plugins }, look);
  }

  fillTable() {
    const place = this.querySelector("[data-chart-table]");
    if (!place || place.hidden) return;
    if (!this.report) {
      const parts = this.message ? this.#messageParts() : ["Loading"];
      place.replaceChildren(el("div", { class: "chart-message" }, ...parts));
      return;
    }
    place.replaceChildren(...tableTwin(this.buildRows(this.report)));
  }
}
