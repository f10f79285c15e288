/** <best-so-far src page target>: the score of every trial, and the best so far. */
import { axisNote, bestSoFarConfig, bestSoFarRows } from "../charts/best-so-far.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { loadHistory } from "../lib/history.js";
import { selection } from "../lib/selection.js";
import { ChartElement } from "./chart-element.js";

class BestSoFar extends ChartElement {
  buildConfig = bestSoFarConfig;
  buildRows = bestSoFarRows;

  async start() {
    const target = this.hasAttribute("target") ? Number(this.getAttribute("target")) : null;
    const show = (store) => {
      this.say(store.size ? "" : "No trial yet");
      if (store.size) {
        const keeps = this.#keeps(store);
        this.note(axisNote(store));
        this.draw({ store, target, keeps });
      }
    };
    let own = null;
    this.showNews = () => show(own);
    const follow = ({ store, touched }) => store === own && this.#changes(store, touched) && this.drawsNews() && show(store);
    feed.addEventListener("trials", (event) => follow(event.detail), { signal: this.abort.signal });
    const store = await this.untilThere(() => loadHistory(this.getAttribute("src")));
    if (!store) return;
    own = store;
    this.#changes(store, store.own.number.keys()); // news of these that say the same draw nothing
    show(store);
    selection.addEventListener("change", (event) => event.detail.what !== "chosen" && show(store), { signal: this.abort.signal });
  }

  drawn = new Map(); // state and height of trials as they were drawn, by index

  /** Whether a point moves: an epoch more of a running trial is no reason to draw 10,000 again. */
  #changes(store, touched) {
    const fresh = [...touched].filter((index) => {
      const words = [store.own.state[index], store.own.score[index], store.at("at_last_rung", index)].join(" ");
      const isSame = this.drawn.get(index) === words;
      this.drawn.set(index, words);
      return !isSame;
    });
    return fresh.length > 0 || selection.isNarrow; // a filter may read what did change
  }

  /** Undefined where every trial is kept, also as the filter can't be read: the table says where it stops. */
  #keeps(store) {
    if (!selection.isNarrow) return undefined;
    try {
      return selection.keeps(store, [...Object.keys(store.own), ...Object.keys(store.values), ...Object.keys(store.more)]);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return undefined;
    }
  }

  addressOf(dataset, point) {
    return dataset.state ? `${this.getAttribute("page")}trials/${point.x}/` : null;
  }
}
customElements.define("best-so-far", BestSoFar);
