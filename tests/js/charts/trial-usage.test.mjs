import assert from "node:assert/strict";
import { test } from "node:test";
import { axisRange, coreRange, epochAt, epochEnds, meanEnds, readAxis } from "../../../static/js/charts/curve-axes.js";
import { curveNote, learningCurvesConfig } from "../../../static/js/charts/learning-curves.js";
import { trialUsageConfig, trialUsageNote, trialUsageRows } from "../../../static/js/charts/trial-usage.js";

const theme = { ink: "#000000", ink2: "#555555", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter", trials: Array.from({ length: 8 }, (_, at) => `#00000${at}`), states: { failed: "#111111", running: "#222222" } };
const execution = (index = 0, more = {}) => ({ index, epochs: 3, seconds: 4, epoch_seconds: [2, 1, 1], usage: { seconds: [1, 2, 4], cores: [1, 1, 2], memory_bytes: [1e9, 3e9, 2e9], ...more } });
const report = (kind, ...executions) => ({ planned: 5, executions, kind, trial: 7 });

test("epochs end where they were timed, else at equal parts", () => {
  assert.deepEqual(epochEnds(execution()), [2, 3, 4]);
  assert.deepEqual(epochEnds({ epochs: 2, seconds: 3 }), [1.5, 3]);
  assert.deepEqual(meanEnds([execution(), { epochs: 1, seconds: 4 }, { epochs: 0, seconds: 0 }]), [3, 3, 4]);
  assert.deepEqual([0, 1, 2.5, 4, 9].map((at) => epochAt([2, 3, 4], at)), [0, 0.5, 1.5, 3, 3]);
});

test("an axis is read and ranges over what is planned", () => {
  assert.deepEqual(readAxis("time-log"), { byTime: true, isLog: true });
  assert.deepEqual(axisRange([execution()], { byTime: false }), { min: 1, max: 3 });
  assert.deepEqual(axisRange([execution()], { byTime: true, isAligned: true }), { min: 0, max: 4 });
});

test("outliers leave the scale only where there are some", () => {
  const values = Array.from({ length: 40 }, (_, at) => at / 40);
  assert.equal(coreRange(values), null);
  const { max, cut } = coreRange([...values, 1e9]);
  assert.ok(max < 3 && cut === 1);
  const curve = { trial: 1, epochs: 41, seconds: 1, metrics: { loss: [1e9, ...values] } };
  assert.equal(curveNote({ curves: [curve], metric: "loss" }, { range: "core" }), "1 outlier beyond the axis");
  assert.match(curveNote({ curves: [curve], metric: "loss" }, { scale: "logarithmic" }), /^1 value at or below 0/);
  const { options } = learningCurvesConfig({ curves: [curve], metric: "loss" }, theme, { range: "core" });
  assert.ok(options.scales.y.max < 3);
});

test("executions are drawn as their median with every line", () => {
  const curves = [3, 4, 9].map((value, index) => ({ trial: 1, index, epochs: 1, seconds: 1, metrics: { loss: [value] } }));
  const { data } = learningCurvesConfig({ curves, metric: "loss" }, theme, { over: "median-lines" });
  assert.deepEqual(data.datasets.map(({ label, data: [point] }) => [label, point.y]), [["Trial 1", 4], ["greatest", 9], ["least", 3], ["execution", 3], ["execution", 4], ["execution", 9]]);
});

test("usage stands on the axis of the curve", () => {
  const { data, options } = trialUsageConfig(report("processor", execution()), theme, { axis: "epoch" });
  assert.deepEqual(data.datasets[0].data.map(({ x, y }) => [x, y]), [[0, 1], [0.5, 1], [1, 1], [3, 2]]);
  assert.deepEqual([options.scales.x.min, options.scales.x.max], [0, 5]);
  const log = trialUsageConfig(report("processor", execution()), theme, { axis: "time-log" });
  assert.deepEqual(log.data.datasets[0].data.map(({ x }) => x), [1, 2, 4]);
});

test("a card has a lane of its own, and only where one was read", () => {
  const card = execution(1, { gpu: [0.5, 0.5, 1], gpu_memory_bytes: [1, 2, 3] });
  const { options, data } = trialUsageConfig(report("processor", execution(), card), theme);
  assert.deepEqual(Object.keys(options.scales), ["x", "y", "y1"]);
  assert.equal(data.datasets.length, 4);
  assert.equal(trialUsageNote(report("processor", card)), "1.50 cores on average · 75.0 % of the GPU on average");
  assert.deepEqual(trialUsageRows(report("memory", execution()))[2], [1, 2, 1, 3]);
  assert.equal(trialUsageNote(report("memory", execution())), "max. 3.00 GB");
});
