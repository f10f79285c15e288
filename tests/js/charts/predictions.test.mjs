import assert from "node:assert/strict";
import { test } from "node:test";

import * as plots from "../../../static/js/charts/predictions.js";

const THEME = { ink: "#1", ink2: "#2", accent: "#3b5bdb", panel: "#4", grid: "#5", font: "Inter", trials: ["#a", "#b"] };
const LINE = { label: "yes", area: 0.75, points: [[0, 0], [0.5, 1], [1, 1]] };
const REPORT = { n: 4, executions: 2, repeated: 1, bad: 0, roc: [LINE, { label: "no", area: null, points: [] }], precision_recall: [LINE] };
const NUMBERS = { n: 2, rows: [7, 9], targets: [1, 3], predictions: [1.5, 2] };

test("a curve that isn't defined is left out, and chance is drawn beside the others", () => {
  const { datasets } = plots.rocConfig(REPORT, THEME).data;
  assert.deepEqual(datasets.map(({ label }) => label), ["yes · 0.750", "chance"]);
  assert.deepEqual(datasets[0].data[1], { x: 0.5, y: 1 });
  assert.deepEqual(plots.rocRows(REPORT)[2], ["yes", 0.5, 1]);
});

test("residuals are prediction minus target", () => {
  assert.deepEqual(plots.residualConfig(NUMBERS, THEME).data.datasets[0].data.map(({ y }) => y), [0.5, -1]);
  assert.deepEqual(plots.residualRows(NUMBERS)[2], [9, 3, -1]);
  assert.deepEqual(plots.predictedConfig(NUMBERS, THEME).data.datasets[1].data, [{ x: 1, y: 1 }, { x: 3, y: 3 }]);
});

test("larger bins have larger points", () => {
  const { data } = plots.calibrationConfig({ calibration: [[0.1, 0.2, 1], [0.9, 0.8, 100]] }, THEME);
  const [small, large] = data.datasets[0].pointRadius;
  assert.ok(small < large);
});

test("what is missing is said", () => {
  assert.equal(plots.emptyWords({ n: 0, bad: 0 }, "roc"), "No predictions are kept");
  assert.equal(plots.emptyWords({ n: 0, bad: 3 }, "roc"), "No prediction is finite");
  assert.match(plots.emptyWords({ n: 3, roc: [{ points: [] }] }, "roc"), /one class/);
  assert.equal(plots.emptyWords(REPORT, "roc"), "");
  assert.equal(plots.poolNote(REPORT), "4 validation rows of 2 executions · 1 validated more than once: mean prediction used");
  assert.equal(plots.leftOutNote({ lines_left_out: 20 }), "most frequent classes; 20 left out");
});
