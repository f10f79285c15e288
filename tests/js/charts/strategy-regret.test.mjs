import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, floorOf, strategyRegretConfig, strategyRegretRows } from "../../../static/js/charts/strategy-regret.js";

const curve = (median) => ({ median, low: median.map((y) => y && y / 2), high: median.map((y) => y && y * 2) });
const RECORD = {
  trials: [5, 10, 25],
  labels: { auto: "Auto", random: "Random", grid: "Grid", own: "My own" },
  curves: { auto: curve([0.3, 0.2, 0.1]), random: curve([0.5, 0.4, 0.3]), grid: curve([0.6, 0.5, null]) },
};
const THEME = { ink: "#1", ink2: "#2", accent: "#3b5bdb", panel: "#4", grid: "#5", font: "Inter" };
const mains = (chosen) => strategyRegretConfig({ ...RECORD, chosen }, THEME).data.datasets.filter(({ isMain }) => isMain);

test("the chosen method is bold and on top, beside Auto and random search", () => {
  assert.deepEqual(mains("grid").map(({ label, borderWidth }) => [label, borderWidth]), [["Auto", 1.4], ["Random", 1.4], ["Grid", 3]]);
  assert.deepEqual(drawn(RECORD.curves, "auto"), ["random", "auto"]);
});

test("what was not measured is not drawn", () => {
  assert.deepEqual(mains("own").map(({ label }) => label), ["Auto", "Random"]);
  assert.deepEqual(mains("grid").at(-1).data, [{ x: 5, y: 0.6 }, { x: 10, y: 0.5 }]);
  assert.deepEqual(drawn({}, "auto"), []);
});

test("only the chosen method has a band", () => {
  const { datasets } = strategyRegretConfig({ ...RECORD, chosen: "auto" }, THEME).data;
  assert.deepEqual(datasets.map(({ label }) => label), ["Random", "Auto", "high", "low"]);
});

test("the axis is logarithmic unless a median is 0, and the band stays on it", () => {
  const scaleOf = (curves) => strategyRegretConfig({ ...RECORD, curves, chosen: "auto" }, THEME);
  const found = scaleOf({ ...RECORD.curves, auto: { ...curve([0.3, 0.2, 0.1]), low: [0.2, 0.1, 0] } });
  assert.equal(found.options.scales.y.type, "logarithmic");
  assert.equal(found.data.datasets.at(-1).data.at(-1).y, 0.05);
  assert.equal(scaleOf({ auto: curve([0.3, 0.2, 0]) }).options.scales.y.type, "linear");
  assert.equal(floorOf({}, []), 0);
});

test("on a phone names stand below the lines", () => {
  const { plugins } = strategyRegretConfig({ ...RECORD, chosen: "auto" }, THEME, { isNarrow: true }).options;
  assert.deepEqual([plugins.legend.display, plugins.endLabels.isOn], [true, false]);
  assert.equal(plugins.legend.labels.filter({ datasetIndex: 2 }), false);
});

test("the table twin holds every measured method", () => {
  assert.deepEqual(strategyRegretRows(RECORD), [
    ["Trials", "Auto", "Random", "Grid"],
    [5, 0.3, 0.5, 0.6],
    [10, 0.2, 0.4, 0.5],
    [25, 0.1, 0.3, null],
  ]);
});
