/** <score-slice src importance page address>: the score over one hyperparameter. */
import { sliceConfig, sliceNote, slicePoints, sliceRows } from "../charts/slice.js";
import { AnalysisChart } from "./analysis-chart.js";

class ScoreSlice extends AnalysisChart {
  buildConfig = sliceConfig;
  buildRows = sliceRows;
  choosers = ["key"];

  show() {
    const report = { ...this.seen(), axis: this.axisOf(this.options.key) };
    this.drawOrSay(report, slicePoints(report).length, sliceNote(report));
  }
}
customElements.define("score-slice", ScoreSlice);
