import assert from "node:assert/strict";
import { test } from "node:test";

import { frontOf, isWide, paretoFrontConfig, paretoFrontRows } from "../../../static/js/charts/pareto-front.js";

const THEME = { ink: "#111111", ink2: "#222222", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter" };
const REPORT = {
  objectives: [
    { name: "val_accuracy", label: "val_accuracy", direction: "maximize" },
    { name: "parameters", label: "parameters", direction: "minimize" },
    { name: "latency_1_ms", label: "latency of 1 row, ms", direction: "minimize" },
  ],
  trials: [
    { number: 0, values: [0.9, 1000, 3] },
    { number: 1, values: [0.95, 50_000, 2] },
    { number: 2, values: [0.8, 2000, 1] },
    { number: 3, values: [0.97, 500_000, 4] },
    { number: 4, values: [0.9, 1000, 5] },
  ],
  front: [3, 1, 0, 2],
  knee: 1,
};

test("the line holds the trials that none beats in the two objectives drawn", () => {
  assert.deepEqual(frontOf(REPORT, 1, 0).map(({ number }) => number), [0, 1, 3]);
  assert.deepEqual(frontOf(REPORT, 0, 1).map(({ number }) => number), [0, 1, 3]);
  assert.deepEqual(frontOf(REPORT, 2, 0).map(({ number }) => number), [2, 1, 3]);
  assert.deepEqual(frontOf({ ...REPORT, trials: [] }, 1, 0), []);
  assert.deepEqual(frontOf(REPORT, 1, 1).map(({ number }) => number), [0]);
});

test("every trial is one mark: on the front, at its knee, or beside it", () => {
  const { data } = paretoFrontConfig(REPORT, THEME, { x: "1", y: "0" });
  const numbers = (label) => data.datasets.find((dataset) => dataset.label === label).data.map(({ number }) => number);
  assert.deepEqual(numbers("on the front"), [0, 2, 3]);
  assert.deepEqual(numbers("knee"), [1]);
  assert.deepEqual(numbers("others"), [4]);
});

test("the step lies on the worse side of two members", () => {
  const stepped = (x, y) => paretoFrontConfig(REPORT, THEME, { x, y }).data.datasets.at(-1).stepped;
  assert.equal(stepped("1", "0"), "before");
  assert.equal(stepped("0", "1"), "after");
});

test("values far apart stand on a log scale, and the axis says so and which way is better", () => {
  const { x, y } = paretoFrontConfig(REPORT, THEME, {}).options.scales;
  assert.equal(x.type, "logarithmic");
  assert.equal(x.title.text, "parameters · lower is better · log scale");
  assert.equal(y.type, "linear");
  assert.equal(y.title.text, "val_accuracy · higher is better");
  assert.equal(isWide([]), false);
  assert.equal(isWide([0, 1000]), false);
  assert.equal(isWide([-1, 1000]), false);
});

test("the table twin holds every trial with every objective", () => {
  const rows = paretoFrontRows(REPORT);
  assert.deepEqual(rows[0], ["Trial", "val_accuracy", "parameters", "latency_1_ms", "On the front"]);
  assert.deepEqual(rows[2], [1, 0.95, 50_000, 2, "knee"]);
  assert.deepEqual(rows.map((row) => row.at(-1)).slice(1), ["yes", "knee", "yes", "yes", "no"]);
});
