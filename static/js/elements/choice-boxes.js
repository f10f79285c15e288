/** <choice-boxes src importance page address>: scores by each choice of a hyperparameter. */
import { boxesConfig, boxesNote, boxesOf, boxesRows } from "../charts/choice-boxes.js";
import { AnalysisChart } from "./analysis-chart.js";

const MOST_NUMBERS = 12; // different whole numbers that still make boxes

class ChoiceBoxes extends AnalysisChart {
  buildConfig = boxesConfig;
  buildRows = boxesRows;
  choosers = ["key"];
  nothingWords = "No hyperparameter is categorical, boolean or a small integer range";

  able() {
    return super.able().filter((key) => {
      const row = this.config.space.find((each) => each.key === key);
      if (!row || row.type === "choice" || row.type === "boolean") return true;
      return row.type === "int" && new Set(this.store.values[key].filter((value) => value !== null)).size <= MOST_NUMBERS;
    });
  }

  show() {
    const report = { ...this.seen(), axis: this.axisOf(this.options.key) };
    this.drawOrSay(report, boxesOf(report).length, boxesNote(report));
  }
}
customElements.define("choice-boxes", ChoiceBoxes);
