/** <hyperparameter-importance importance src page>: which hyperparameters move the score. */
import { drawnBars, importanceConfig, importanceEmpty, importanceNote, importanceRows } from "../charts/importance.js";
import { feed } from "../lib/feed.js";
import { loadImportance } from "../lib/importance.js";
import { AnalysisChart } from "./analysis-chart.js";

const NEWS = 0.1; // more trials that ended, as a share, before it is asked anew
const BAR = 24; // pixels a bar takes
const AROUND = 64; // and the axis below them

class HyperparameterImportance extends AnalysisChart {
  buildConfig = importanceConfig;
  buildRows = importanceRows;

  async prepare() {
    await this.#ask();
    feed.addEventListener("trials", () => this.#follow(), { signal: this.abort.signal });
  }

  async #ask(anew = false) {
    this.found = { ...(await loadImportance(this.getAttribute("importance"), anew)), labelOf: this.labelOf };
    this.endedThen = this.#ended();
  }

  #ended() {
    return this.store.own.state.filter((state) => state === "completed" || state === "pruned").length;
  }

  async #follow() {
    if (this.#ended() < this.endedThen * (1 + NEWS) + 1 || this.isAsking) return;
    this.isAsking = true;
    try {
      await this.#ask(true);
      this.show();
    } catch (error) {
      this.note(`Not updated: ${error.message}`);
    }
    this.isAsking = false;
  }

  /** It tells of all trials: the selection changes nothing here. */
  show() {
    const words = importanceEmpty(this.found);
    this.say(words);
    this.note(importanceNote(this.found));
    if (words) return;
    this.querySelector(".chart-box").style.setProperty("height", `${Math.max(160, drawnBars(this.found).length * BAR + AROUND)}px`);
    this.draw(this.found);
  }
}
customElements.define("hyperparameter-importance", HyperparameterImportance);
