import assert from "node:assert/strict";
import { test } from "node:test";
import { axisNote, bestSoFarConfig, bestSoFarRows, bestSteps, niceStep, scoreRange } from "../../../static/js/charts/best-so-far.js";
import { learningCurvesConfig, learningCurvesRows, overExecutions, smoothed } from "../../../static/js/charts/learning-curves.js";
import { stretch } from "../../../static/js/lib/zoom.js";
import { spreadOut } from "../../../static/js/charts/plugins.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const STATES = ["waiting", "running", "paused", "completed", "pruned", "stopped", "failed"];
const theme = {
  ink: "#000000",
  ink2: "#555555",
  panel: "#ffffff",
  grid: "#eeeeee",
  accent: "#3b5bdb",
  font: "Inter",
  trials: Array.from({ length: 8 }, (_, index) => `#00000${index}`),
  states: Object.fromEntries(STATES.map((state, index) => [state, `#11111${index}`])),
};
const trials = (scores, states) => {
  const column = (value) => scores.map(() => value);
  const own = { number: [...scores.keys()], score: scores, state: states, spread: column(0.01), time: column(3), failure: column("") };
  return new TrialStore({ objective: "val_accuracy", direction: "maximize", max_trials: 10, trials: { n: scores.length, own, values: {} } });
};
const curve = (trial, values, more = {}) => ({
  trial, execution: trial * 10 + (more.index ?? 0), index: 0, state: "completed", trial_state: "completed",
  epochs: values.length, planned: 5, seconds: values.length * 2, metrics: { loss: values }, ...more,
});

test("the best line steps up only at better completed trials and goes on to the last", () => {
  const store = trials([0.8, 0.95, 0.9, 0.99, null], ["completed", "completed", "completed", "pruned", "failed"]);
  assert.deepEqual(bestSteps(store).map(({ x, y }) => [x, y]), [[0, 0.8], [1, 0.95], [4, 0.95]]);
  assert.deepEqual(bestSoFarRows({ store }).at(-1), [4, "failed", null, 0.01, 0.95, null]);
});

test("the axis of trials ends at the last that the budget has, and labels round numbers only", () => {
  const store = trials(Array(60).fill(0.5), Array(60).fill("completed"));
  const x = (maxTrials) => bestSoFarConfig({ store: Object.assign(store, { maxTrials }) }, theme).options.scales.x;
  assert.deepEqual([x(160).max, x(160).ticks.includeBounds], [159, false]);
  assert.equal(x(60).max, 59);
  assert.equal(x(100_000).max, Math.ceil(59 * 1.25), "a budget far away is not shown");
  store.maxTrials = 1;
  assert.ok(x(1).max >= 59, "more trials than the budget's: by hand, or it was lowered");
});

test("one trial has an axis to stand on", () => {
  const store = Object.assign(trials([0.5], ["completed"]), { maxTrials: 1 });
  assert.ok(bestSoFarConfig({ store }, theme).options.scales.x.max >= 1);
});

test("equal scores leave room around them", () => {
  const { options } = bestSoFarConfig({ store: trials([0.5, 0.5], ["completed", "completed"]) }, theme);
  assert.ok(options.scales.y.min < 0.5 && options.scales.y.max > 0.5);
  const zeros = bestSoFarConfig({ store: trials([0, 0], ["completed", "completed"]) }, theme).options;
  assert.ok(zeros.scales.y.min < zeros.scales.y.max);
});

test("every trial is drawn, those without a score at the axis with their own shape", () => {
  const store = trials([0.8, null], ["completed", "failed"]);
  const { data, options } = bestSoFarConfig({ store, target: 0.9 }, theme);
  const failed = data.datasets.find((dataset) => dataset.state === "failed");
  assert.equal(failed.pointStyle, "crossRot");
  assert.equal(failed.data[0].y, options.scales.y.min);
  assert.equal(options.scales.y.ticks.includeBounds, false);
  assert.ok(data.datasets.some((dataset) => dataset.label === "Target"));
  assert.equal(axisNote(store), "1 without a score, drawn at the axis");
  assert.equal(options.animation, false);
});

test("a pruned trial stands where its pruner last judged it, not on the axis", () => {
  const store = trials([0.8, null, null], ["completed", "pruned", "paused"]);
  store.own.at_last_rung = [null, 0.7, null];
  const { data } = bestSoFarConfig({ store }, theme);
  const height = (state) => data.datasets.find((dataset) => dataset.state === state).data[0].y;
  assert.equal(height("pruned"), 0.7);
  assert.equal(axisNote(store), "1 without a score, drawn at the axis");
  assert.deepEqual(bestSteps(store).map(({ x, y }) => [x, y]), [[0, 0.8], [2, 0.8]]);
  assert.deepEqual(bestSoFarRows({ store })[2], [1, "pruned", null, 0.01, 0.8, 0.7]);
});

test("trials outside the selection stand pale behind those inside, and the best line stays", () => {
  const store = trials([0.8, 0.95, 0.9], ["completed", "completed", "completed"]);
  const { data } = bestSoFarConfig({ store, keeps: (index) => index === 1 }, theme);
  const of = (label) => data.datasets.find((set) => set.label === label)?.data.map(({ x }) => x);
  assert.deepEqual(of("completed"), [1]);
  assert.deepEqual(of("filtered out"), [0, 2]);
  assert.deepEqual(of("Best so far"), [0, 1, 2]);
  assert.equal(bestSoFarConfig({ store }, theme).data.datasets.some(({ label }) => label === "filtered out"), false);
});

test("a few terrible scores do not squeeze the rest, and are counted", () => {
  const scores = [...Array.from({ length: 39 }, (_, index) => 0.9 + index / 1000), 0.1];
  const { low, clipped } = scoreRange(scores, "maximize");
  assert.ok(low > 0.8);
  assert.equal(clipped, 1);
  assert.equal(niceStep(0.023), 0.02);
});

test("an axis ends at the bound that no score passes", () => {
  const ends = (scores, direction = "maximize", extra) => Object.values(scoreRange(scores, direction, extra)).slice(0, 2);
  assert.deepEqual(ends([0.1, 0.5, 0.97]), [0, 1]); // a share
  assert.deepEqual(ends([1, 1, 1]), [0.8, 1]);
  assert.deepEqual(ends([0, 0]), [0, 0.2]);
  assert.deepEqual(ends([0.02, 1.4], "minimize"), [0, 1.5]); // a loss
  assert.deepEqual(ends([-9, -0.1]), [-10, 0]); // a loss with its sign turned
  assert.deepEqual(ends([-0.98, 0.2, 0.99]), [-1, 1]); // a correlation
  assert.deepEqual(ends([0.4, 0.98], "maximize", [1.1]), [0.2, 1.2]); // a target beyond
});

test("a log axis of a loss whose linear one begins at 0 begins below the least loss", () => {
  const store = trials([0.02, 1.4, null], ["completed", "completed", "failed"]);
  const { data, options } = bestSoFarConfig({ store }, theme, { scale: "logarithmic" });
  assert.equal(options.scales.y.type, "logarithmic");
  assert.ok(options.scales.y.min > 0 && options.scales.y.min < 0.02);
  assert.equal(data.datasets.find(({ state }) => state === "failed").data[0].y, options.scales.y.min);
  const zero = bestSoFarConfig({ store: trials([0, 1.4], ["completed", "completed"]) }, theme, { scale: "logarithmic" });
  assert.equal(zero.options.scales.y.type, "linear"); // 0 has no place on a log axis
});

test("executions become their mean with the range around it", () => {
  assert.deepEqual(overExecutions([[1, 3], [3]]), [{ mean: 2, median: 2, low: 1, high: 3 }, { mean: 3, median: 3, low: 3, high: 3 }]);
  const curves = [curve(1, [3, 2]), curve(1, [5, 4], { index: 1 })];
  const { data } = learningCurvesConfig({ curves, metric: "loss" }, theme);
  assert.deepEqual(data.datasets.map(({ label }) => label), ["Trial 1", "greatest", "least"]);
  assert.deepEqual(data.datasets[0].data.map(({ y }) => y), [4, 3]);
});

test("a diverged epoch is a mark, not a silent gap", () => {
  const { data } = learningCurvesConfig({ curves: [curve(2, [3, null])], metric: "loss" }, theme);
  const marks = data.datasets.at(-1);
  assert.equal(marks.label, "diverged (NaN)");
  assert.deepEqual(marks.data.map(({ x, y }) => [x, y]), [[2, 3]]);
});

test("an epoch that a script never told of is no divergence", () => {
  const told = { ...curve(2, [null, 3, null, 2]), metrics: { loss: [null, 3, null, 2], accuracy: [null, 0.5, null, 0.6] } };
  const { data } = learningCurvesConfig({ curves: [told], metric: "loss" }, theme);
  assert.ok(!data.datasets.some(({ label }) => label === "diverged (NaN)"));
  assert.deepEqual(learningCurvesRows({ curves: [told], metric: "loss" }).slice(1).map(([, value]) => value), [null, 3, null, 2]);
  const wild = { ...told, metrics: { ...told.metrics, accuracy: [null, 0.5, 0.6, 0.6] } };
  const marks = learningCurvesConfig({ curves: [wild], metric: "loss" }, theme).data.datasets.at(-1);
  assert.deepEqual(marks.data.map(({ x }) => x), [3]);
});

test("smoothing keeps the raw line as a ghost", () => {
  assert.deepEqual(smoothed([1, null, 3], 0.5), [1, null, 2]);
  const { data } = learningCurvesConfig({ curves: [curve(2, [3, 1])], metric: "loss" }, theme, { smoothing: "0.5" });
  assert.deepEqual(data.datasets.map(({ label }) => label), ["Trial 2", "raw"]);
  assert.equal(data.datasets[0].data[1].raw, 1);
});

test("the time axis uses each trial's own pace", () => {
  const { data, options } = learningCurvesConfig({ curves: [curve(2, [3, 1])], metric: "loss" }, theme, { axis: "time" });
  assert.deepEqual(data.datasets[0].data.map(({ x }) => x), [2, 4]);
  assert.equal(options.scales.x.title.text, "Training time (s)");
});

test("long curves are drawn with at most five hundred points", () => {
  const values = Array.from({ length: 3000 }, (_, index) => index);
  const { data } = learningCurvesConfig({ curves: [curve(2, values)], metric: "loss" }, theme);
  assert.equal(data.datasets[0].data.length, 500);
  assert.equal(data.datasets[0].data.at(-1).y, 2999);
});

test("the table twin holds a row an epoch and names executions", () => {
  const rows = learningCurvesRows({ curves: [curve(1, [3, null]), curve(1, [5], { index: 1 })], metric: "loss" });
  assert.deepEqual(rows, [["Epoch", "Trial 1 execution 1", "Trial 1 execution 2"], [1, 3, 5], [2, "NaN", null]]);
});

test("labels at line ends never cover one another", () => {
  const placed = spreadOut([{ y: 100 }, { y: 101 }, { y: 99 }], 0, 110);
  const heights = placed.map(({ y }) => y);
  assert.ok(heights[1] - heights[0] >= 14 && heights[2] - heights[1] >= 14 && heights[2] <= 110);
});

test("a trial keeps its colour and dash by number", () => {
  const { data } = learningCurvesConfig({ curves: [curve(9, [3, 2])], metric: "loss" }, theme);
  assert.equal(data.datasets[0].borderColor, theme.trials[1]);
  assert.deepEqual(data.datasets[0].borderDash, [7, 3]);
});

test("a drag shorter than eight pixels is a click, a longer one stays inside the chart", () => {
  const area = { left: 50, right: 300 };
  assert.equal(stretch(100, 104, area), null);
  assert.deepEqual(stretch(200, 20, area), [50, 200]);
});
