/** <duration-score src page>: training time against score. */
import { durationConfig, durationNote, durationPoints, durationRows } from "../charts/duration-score.js";
import { AnalysisChart } from "./analysis-chart.js";

class DurationScore extends AnalysisChart {
  buildConfig = durationConfig;
  buildRows = durationRows;

  show() {
    const report = this.seen();
    this.drawOrSay(report, durationPoints(report).length, durationNote(report));
  }
}
customElements.define("duration-score", DurationScore);
