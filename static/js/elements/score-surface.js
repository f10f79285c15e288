/** <score-surface src importance surface page address>: the typical score over two hyperparameters. */
import { surfaceConfig, surfaceNote, surfaceRows } from "../charts/score-surface.js";
import { AnalysisChart } from "./analysis-chart.js";

class ScoreSurface extends AnalysisChart {
  buildConfig = surfaceConfig;
  buildRows = surfaceRows;
  choosers = ["x", "y"];
  nothingWords = "Two hyperparameters that vary are needed";

  async prepare() {
    const { x, y } = this.options;
    const answer = await fetch(`${this.getAttribute("surface")}?${new URLSearchParams({ x, y })}`, { signal: this.abort.signal });
    if (!answer.ok) throw new Error(`The server returned status ${answer.status}.`);
    const found = await answer.json();
    if (x === this.options.x && y === this.options.y) this.found = found; // else a later choice is on its way
  }

  async optionsChanged() {
    this.isOwnChoice = true;
    this.keepAddress();
    this.zoom = null;
    await this.untilThere(() => this.prepare());
    if (this.isConnected) this.show();
  }

  show() {
    this.say(this.found.why);
    this.note("");
    if (this.found.why) return;
    const report = { ...this.found, ...this.seen(), labelOf: this.labelOf };
    this.draw(report);
    this.note(surfaceNote(report));
  }
}
customElements.define("score-surface", ScoreSurface);
