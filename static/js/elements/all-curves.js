/** <all-curves src curves page>: the objective's curve of every trial, as lines or as shades. */
import { allCurvesConfig, allCurvesNote, allCurvesRows, paleLines, readCurves } from "../charts/all-curves.js";
import { drawnCells } from "../charts/drawn-cells.js";
import { crosshair, endLabels } from "../charts/plugins.js";
import { onNews } from "../lib/feed.js";
import { MANY } from "../charts/seen-trials.js";
import { selection } from "../lib/selection.js";
import { AnalysisChart } from "./analysis-chart.js";

const REST_MS = 5000; // between two questions while trials run: each asks for every curve
const LONG_REST_MS = 30_000; // of more than MANY curves, among which one more is hardly seen

class AllCurves extends AnalysisChart {
  buildConfig = allCurvesConfig;
  buildRows = allCurvesRows;
  plugins = [drawnCells, paleLines, endLabels, crosshair];

  start() {
    onNews(({ curves, trials }) => (curves?.length || !trials) && this.#follow(), this.abort.signal);
    return super.start();
  }

  /** Ask again a rest after the first news, and once somebody looks. */
  #follow() {
    this.rest ??= setTimeout(async () => {
      this.rest = undefined;
      if (this.isConnected && !this.isSeen) this.#follow();
      else if (this.isConnected) await this.optionsChanged();
    }, this.found?.number.length > MANY ? LONG_REST_MS : REST_MS);
  }

  async prepare() {
    const { range } = this.options;
    const answer = await fetch(`${this.getAttribute("curves")}?range=${range}`, { signal: this.abort.signal });
    if (!answer.ok) throw new Error(`The server returned status ${answer.status}.`);
    const found = readCurves(await answer.json());
    if (range === this.options.range) this.found = found;
    else if (!this.isReady) await this.prepare(); // chosen anew before there was anything to draw
    // Else a later choice is on its way.
  }

  async optionsChanged() {
    if (!this.isReady) return;
    try {
      await this.prepare();
      this.show();
    } catch (error) {
      if (!this.abort.signal.aborted) this.note(`The chart's data could not be loaded. ${error.message}`);
    }
  }

  show() {
    const { store, keeps, isNarrow } = this.seen();
    const { number } = this.found;
    this.say(number.length ? "" : "A curve appears after the first epoch");
    if (!number.length) return;
    const kept = [...number.keys()].filter((index) => store.place.has(number[index]) && keeps(store.place.get(number[index])));
    const report = { ...this.found, kept, isNarrow, chosen: selection.chosen };
    this.draw(report);
    this.note(allCurvesNote(report));
  }
}
customElements.define("all-curves", AllCurves);
