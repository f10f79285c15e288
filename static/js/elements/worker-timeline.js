/** <worker-timeline src attempts page>: which worker tried which trial when. */
import { lanes, timelineConfig, timelineNote, timelineRows } from "../charts/worker-timeline.js";
import { AnalysisChart } from "./analysis-chart.js";

const LANE = 34; // pixels
const AROUND = 60;
const REST_MS = 10_000; // between two questions while trials run

class WorkerTimeline extends AnalysisChart {
  buildConfig = timelineConfig;
  buildRows = timelineRows;

  async prepare() {
    const answer = await fetch(this.getAttribute("attempts"), { signal: this.abort.signal });
    if (!answer.ok) throw new Error(`The server returned status ${answer.status}.`);
    this.found = await answer.json();
    this.askedAt = performance.now();
    this.askedFor = this.store.own.state.join();
  }

  async #renew() {
    if (this.isAsking || performance.now() - this.askedAt < REST_MS || this.askedFor === this.store.own.state.join()) return;
    this.isAsking = true;
    try {
      await this.prepare();
      this.show();
    } catch (error) {
      if (!this.abort.signal.aborted) this.note(`Not updated: ${error.message}`);
    }
    this.isAsking = false;
  }

  show() {
    const { store, keeps } = this.seen();
    const isKept = (number) => store.place.has(number) && keeps(store.place.get(number));
    this.say(this.found.worker.length ? "" : "No worker took a trial yet");
    if (!this.found.worker.length) return;
    this.querySelector(".chart-box").style.setProperty("height", `${Math.max(140, lanes(this.found).size * LANE + AROUND)}px`);
    this.draw({ ...this.found, keeps: isKept });
    this.note(timelineNote(this.found));
    this.#renew();
  }
}
customElements.define("worker-timeline", WorkerTimeline);
