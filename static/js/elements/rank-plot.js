/** <rank-plot src importance page address>: two hyperparameters, each trial shaded by the rank of its score. */
import { rankConfig, rankNote, rankPoints, rankRows } from "../charts/rank-plot.js";
import { AnalysisChart } from "./analysis-chart.js";

class RankPlot extends AnalysisChart {
  buildConfig = rankConfig;
  buildRows = rankRows;
  choosers = ["x", "y"];
  nothingWords = "Two hyperparameters that vary are needed";

  show() {
    const report = { ...this.seen(), axes: this.chosenKeys().map((key) => this.axisOf(key)) };
    this.drawOrSay(report, rankPoints(report).length, rankNote(report));
  }
}
customElements.define("rank-plot", RankPlot);
