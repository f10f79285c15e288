/** <best-so-far src page target>: the score of every trial, and the best so far. */
import { axisNote, bestSoFarConfig, bestSoFarRows } from "../charts/best-so-far.js";
import { feed } from "../lib/feed.js";
import { loadHistory } from "../lib/history.js";
import { ChartElement } from "./chart-element.js";

class BestSoFar extends ChartElement {
  buildConfig = bestSoFarConfig;
  buildRows = bestSoFarRows;

  async start() {
    const target = this.hasAttribute("target") ? Number(this.getAttribute("target")) : null;
    const show = (store) => {
      this.say(store.size ? "" : "The first trial is not there yet");
      if (store.size) {
        this.draw({ store, target });
        this.note(axisNote(store));
      }
    };
    feed.addEventListener("trials", (event) => show(event.detail.store), { signal: this.abort.signal });
    try {
      show(await loadHistory(this.getAttribute("src")));
    } catch (error) {
      this.say(`The chart's data did not arrive. ${error.message}`);
    }
  }

  addressOf(dataset, point) {
    return dataset.state ? `${this.getAttribute("page")}trials/${point.x}/` : null;
  }
}
customElements.define("best-so-far", BestSoFar);
