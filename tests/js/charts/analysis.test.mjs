import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_BOXES, boxesConfig, boxesNote, boxesOf, boxesRows, summary } from "../../../static/js/charts/choice-boxes.js";
import { durationConfig, durationRows, frontier } from "../../../static/js/charts/duration-score.js";
import { conditionWords, drawnBars, importanceConfig, importanceEmpty, importanceNote, importanceRows } from "../../../static/js/charts/importance.js";
import { makeAxis } from "../../../static/js/charts/parallel-axes.js";
import { MOST_POINTS, rankConfig, rankRows, thinned } from "../../../static/js/charts/rank-plot.js";
import { distributionConfig, distributionRows, distributionSteps, linesOf } from "../../../static/js/charts/score-distribution.js";
import { cellPlace, counted, surfaceConfig, surfaceRows } from "../../../static/js/charts/score-surface.js";
import { density, quantile, ranks, scoredPoints } from "../../../static/js/charts/seen-trials.js";
import { runningQuartiles, sliceConfig, sliceNote, sliceRows } from "../../../static/js/charts/slice.js";
import { labelAt, spreadPlace, ticksBetween } from "../../../static/js/charts/unit-axis.js";
import { barsOf, loads, retriesOf, timelineConfig, timelineNote, timelineRows } from "../../../static/js/charts/worker-timeline.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const STATES = ["waiting", "running", "paused", "completed", "pruned", "stopped", "failed"];
const theme = {
  ink: "#000000", ink2: "#555555", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter",
  trials: Array.from({ length: 8 }, (_, index) => `#00000${index}`),
  states: Object.fromEntries(STATES.map((state, index) => [state, `#11111${index}`])),
};
const HARD = `<b>${"x".repeat(180)}</b> \u202e 🎈`;
const ROWS = {
  rate: { key: "rate", type: "float", min: 1e-4, max: 0.1, scale: "log" },
  word: { key: "word", type: "choice", choices: ["a", "b", HARD] },
};

function storeOf(scores, { states, rate, word, time, direction = "maximize" } = {}) {
  const n = scores.length;
  const column = (value) => scores.map(() => value);
  const own = { number: [...scores.keys()], score: scores, state: states ?? column("completed"), spread: column(null), time: time ?? column(3), failure: column("") };
  const values = { rate: rate ?? scores.map((_, at) => 1e-4 * 1000 ** (n > 1 ? at / (n - 1) : 0)), word: word ?? scores.map((_, at) => ROWS.word.choices[at % 3]) };
  return new TrialStore({ objective: "val_accuracy", direction, max_trials: n, trials: { n, own, values } });
}
const axisOf = (store, key) => makeAxis({ key, label: key, hyper: true, text: key === "word" }, ROWS[key], store);
const all = (store, more = {}) => ({ store, keeps: () => true, isNarrow: false, ...more });
const labelOf = (key) => key;
const effect = (names, share, low, high) => ({ names, share, low, high });
const importance = (effects, more = {}) => ({
  least: 30, ended: 60, read: 60, used: 58, pruned: 0, failed: 2, labelOf, pair: [],
  studies: [{ conditions: [], names: ["rate", "word"], n: 58, used: 58, state: effects.length ? "estimated" : "unclear", effects }], ...more,
});

test("trials without a finite score or a value are left out of every chart", () => {
  const store = storeOf([0.5, null, Number.NaN, Infinity, 0.7, 0.8], { states: ["completed", "completed", "completed", "completed", "failed", "completed"], rate: [0.01, 0.01, 0.01, 0.01, 0.01, null] });
  const axis = axisOf(store, "rate");
  assert.deepEqual(sliceRows(all(store, { axis })).slice(1), [[0, 0.01, 0.5, "yes"]]);
  assert.match(sliceNote(all(store, { axis })), /1 of 1 trials · 1 where not active/);
  assert.equal(scoredPoints(all(store), (index) => [0, index]).length, 2);
});

test("no trial, one trial and equal scores make charts of finite axes", () => {
  for (const scores of [[], [0.5], [0.5, 0.5, 0.5]]) {
    const store = storeOf(scores);
    const [rate, word] = ["rate", "word"].map((key) => axisOf(store, key));
    const configs = [
      sliceConfig(all(store, { axis: rate }), theme), boxesConfig(all(store, { axis: word }), theme), rankConfig(all(store, { axes: [rate, word] }), theme),
      durationConfig(all(store), theme), distributionConfig(all(store, { others: [], drawn: [] }), theme),
    ];
    for (const { options } of configs) for (const { min, max } of Object.values(options.scales)) if (min !== undefined) assert.ok(min < max, JSON.stringify(scores));
  }
});

test("above 1,000 points shades count them, and the selection's few are points again", () => {
  const store = storeOf(Array.from({ length: 3000 }, (_, at) => Math.sin(at)));
  const axis = axisOf(store, "rate");
  const { data, options } = sliceConfig(all(store, { axis }), theme);
  assert.equal(data.datasets[0].data.length + data.datasets[1].data.length, 0);
  assert.ok(options.plugins.drawnCells.cells.length <= 2400);
  const narrow = sliceConfig({ store, axis, isNarrow: true, keeps: (index) => index < 40 }, theme);
  assert.equal(narrow.data.datasets[1].data.length, 40);
  assert.equal(density([{ x: 0, y: 0, kept: true }, { x: 1, y: 1, kept: false }], { low: 0, high: 1 }).reduce((sum, cell) => sum + cell.n, 0), 2);
});

test("what is out of the selection is grey, and the median follows what is in it", () => {
  const store = storeOf(Array.from({ length: 60 }, (_, at) => at));
  const report = { store, axis: axisOf(store, "rate"), isNarrow: true, keeps: (index) => index >= 30 };
  const { datasets } = sliceConfig(report, theme).data;
  assert.deepEqual([datasets[0].data.length, datasets[1].data.length], [30, 30]);
  assert.ok(datasets.find(({ label }) => label === "median").data.every(({ y }) => y >= 30));
  assert.equal(datasets.at(-1).data[0].number, 59); // the best stays marked
});

test("the best is the lowest where the score is minimised", () => {
  const { datasets } = sliceConfig(all(storeOf([3, 1, 2], { direction: "minimize" }), { axis: axisOf(storeOf([3, 1, 2]), "rate") }), theme).data;
  assert.equal(datasets.at(-1).data[0].number, 1);
});

test("running quartiles rise along x and enclose the median", () => {
  const stops = runningQuartiles(Array.from({ length: 200 }, (_, at) => ({ x: at / 200, score: at % 7 })));
  assert.ok(stops.length > 10 && stops.every(({ low, middle, high }) => low <= middle && middle <= high));
  assert.ok(stops.every(({ x }, at) => at === 0 || x > stops[at - 1].x));
  assert.deepEqual(runningQuartiles([{ x: 0, score: 1 }]), []);
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
});

test("ranks go from the worst to the best, and equal scores share theirs", () => {
  assert.deepEqual(ranks([1, 3, 2], "maximize"), [0, 1, 0.5]);
  assert.deepEqual(ranks([1, 3, 2], "minimize"), [1, 0, 0.5]);
  assert.deepEqual(ranks([5, 5], "maximize"), [0.5, 0.5]);
  assert.deepEqual(ranks([], "maximize"), []);
  const points = Array.from({ length: 5000 }, (_, at) => ({ rank: at / 4999 }));
  const drawn = thinned(points);
  assert.equal(drawn.length, MOST_POINTS);
  assert.ok(drawn.filter(({ rank }) => rank > 0.99).length >= 50);
});

test("axes are labelled with the hyperparameter's own values, and choices lie side by side", () => {
  const store = storeOf([1, 2, 3]);
  const [rate, word] = ["rate", "word"].map((key) => axisOf(store, key));
  assert.deepEqual(ticksBetween(rate, 0, 1, 6).map(({ text }) => text), ["1e-4", "0.001", "0.01", "0.1"]);
  assert.equal(ticksBetween(rate, 0.4, 0.5, 6).length, 3);
  assert.equal(labelAt(word, 0.1), "a");
  assert.ok([...labelAt(word, 0.99)].length <= 14);
  assert.ok(Math.abs(spreadPlace(word, "a", 7) - 1 / 6) < 1 / 6);
  assert.equal(spreadPlace(word, null, 7), null);
});

test("boxes hold Tukey's numbers, many choices are cut and the table holds all", () => {
  assert.deepEqual(summary([1, 2, 3, 4, 100]), { first: 2, middle: 3, third: 4, low: 1, high: 4 });
  assert.equal(summary([]).middle, null);
  const words = Array.from({ length: 500 }, (_, at) => `w${at}`);
  const store = storeOf(words.map((_, at) => at), { word: words });
  const axis = makeAxis({ key: "word", label: HARD, hyper: true, text: true }, { type: "choice", choices: words }, store);
  const report = all(store, { axis });
  assert.equal(boxesOf(report).length, 500);
  assert.equal(boxesRows(report).length, 501);
  assert.ok([...boxesConfig(report, theme).options.scales.x.title.text].length <= 40);
  assert.match(boxesNote(report), new RegExp(`the ${MOST_BOXES} most frequent of 500`));
  const few = { store: storeOf([1, 2, 3, 4]), isNarrow: true, keeps: (index) => index === 0 };
  const boxes = boxesOf({ ...few, axis: axisOf(few.store, "word") });
  assert.deepEqual(boxes.map(({ value, n }) => [value, n]), [["a", 1], ["b", 0], [HARD, 0]]);
});

test("importance draws single effects, and pairs that can be told from nothing", () => {
  const report = importance([effect(["rate"], 0.8, 0.6, 1), effect(["word"], 0.01, -0.1, 0.1), effect(["rate", "word"], 0.1, 0.05, 0.15), effect(["a", "b"], 0.01, -0.2, 0.2)]);
  assert.deepEqual(drawnBars(report).map(({ names }) => names.length), [1, 1, 2]);
  const { data, options } = importanceConfig(report, theme);
  assert.deepEqual(data.datasets[0].data.map(({ x }) => x), [0.8, 0.01, 0.1]);
  assert.ok(options.plugins.whiskers.whiskers.every(({ from, to }) => from >= 0 && to <= 1 && from <= to));
  assert.equal(importanceRows(report).length, 5);
  assert.equal(importanceEmpty(report), "");
});

test("a condition stands below its hyperparameter while bars are few, else beside it", () => {
  const inner = { conditions: [{ name: "word", values: ["a"] }], names: ["x"], n: 40, used: 40, state: "estimated", effects: [effect(["x"], 0.2, 0.1, 0.3)] };
  const lastOf = (count) => {
    const report = importance(Array.from({ length: count }, (_, at) => effect([`h${at}`], 0.1, 0.05, 0.2)));
    report.studies.push(inner);
    return importanceConfig(report, theme).data.labels.at(-1);
  };
  assert.deepEqual(lastOf(7), ["x", "where word is a"]);
  assert.equal(lastOf(8), "x where word is a");
});

test("importance says why there is nothing, and what was left out", () => {
  assert.match(importanceEmpty(importance([])), /No significant effect in 58 trials yet/);
  const few = importance([], { used: 12 });
  few.studies[0].state = "few";
  assert.equal(importanceEmpty(few), "Importance needs 30 trials with a score; 12 so far");
  assert.equal(importanceEmpty({ ...few, outside: 40 }), "Importance needs 30 trials with a score; 12 so far. 40 earlier trials left out: outside the edited search space");
  assert.match(importanceEmpty(importance([], { studies: [] })), /no tuned hyperparameter/);
  const inner = { conditions: [{ name: "optimizer", values: ["sgd"] }], names: ["momentum"], n: 9, used: 9, state: "few", effects: [] };
  const report = importance([effect(["rate"], 1, 0.9, 1)], { ended: 9000, read: 1000, used: 983, outside: 7, pruned: 40 });
  report.studies.push(inner);
  const words = importanceNote(report);
  for (const part of ["983 trials, sampled from 9,000", "7 earlier trials left out", "40 pruned", "10 left out", "2 failed", "momentum where optimizer is sgd: 9 of 30 trials"]) assert.ok(words.includes(part), part);
  assert.equal(conditionWords([{ name: "x", values: [1, 2, 3, 4] }]), "where x is 1 or 2 or 3 or others");
});

test("a report that was frozen with the state of 0.1.0 is drawn as it was", () => {
  const report = importance([effect(["rate"], 1, 0.9, 1)]);
  report.studies[0].state = "told";
  report.studies.push({ conditions: [{ name: "optimizer", values: ["sgd"] }], names: ["momentum"], n: 40, used: 40, state: "told", effects: [] });
  assert.equal(importanceEmpty(report), "");
  assert.ok(!importanceNote(report).includes("momentum"));
});

test("values lie in the cells of a surface, whatever they are", () => {
  const range = [[0, 0.5, 0], [0.5, 1, 0]];
  assert.deepEqual([0, 0.25, 0.5, 1, 1.1, null, "a"].map((value) => cellPlace(range, value)), [0, 0.5, 1, 2, null, null, null]);
  const words = [["a", "a", 1], ["b", "z", 30]];
  assert.deepEqual(["a", "q", null].map((value) => cellPlace(words, value)), [0.5, 1.5, null]);
  assert.deepEqual([1, 4, 9].map((value) => cellPlace([[1, 3, 3], [4, 6, 3]], value)), [0.5, 1.5, null]);
  assert.deepEqual(counted([{ x: 0.2, y: 1.9 }, { x: 2, y: 2 }], 2, 2), [[0, 1], [0, 1]]);
});

test("a surface marks cells that no trial tried", () => {
  const store = storeOf([0.1, 0.9], { rate: [0.2, 0.9], word: ["a", "a"] });
  const report = { ...all(store), labelOf, x: "rate", y: "word", cells_x: [[0, 0.5, 0], [0.5, 1, 0]], cells_y: [["a", "a", 1], ["b", "b", 1]], score: [[0.1, 0.2], [0.9, null]], error: [[0.01, 0.01], [0.02, null]], used: 2, conditions: [] };
  const { cells } = surfaceConfig(report, theme).options.plugins.drawnCells;
  assert.deepEqual(cells.map(({ isHatched }) => isHatched), [false, true, false, true]);
  assert.deepEqual(surfaceRows(report)[1], ["0 to 0.5", "a", 0.1, 0.01, 1]);
});

test("a distribution rises to one; the selection and other experiments have lines of their own", () => {
  assert.deepEqual(distributionSteps([1, 2]).map(({ y }) => y), [0.5, 1]);
  assert.ok(distributionSteps(Array.from({ length: 9000 }, (_, at) => at)).length < 600);
  const store = storeOf([0.3, 0.1, 0.2]);
  const report = { store, isNarrow: true, keeps: (index) => index === 0, others: [{ code: "c", name: HARD }], drawn: [{ code: "c", n: 2, scores: [0.1, 0.4] }, { code: "gone", n: 0, scores: [] }] };
  assert.deepEqual(linesOf(report).map(({ label, scores }) => [label, scores]), [["this experiment", [0.1, 0.2, 0.3]], ["matching trials", [0.3]], [HARD, [0.1, 0.4]]]);
  assert.deepEqual(distributionRows(report).at(-1), [HARD, 0.4, 1]);
});

test("the timeline tells retries, gaps and work, and joins what is shorter than a pixel", () => {
  const report = { workers: ["a", "b"], worker: [0, 1, 0], trial: [0, 1, 0], attempt: [1, 1, 2], start: [0, 0, 50], end: [10, 100, 60], outcome: ["reaped", "running", "completed"], failure: ["", "", ""], keeps: () => true };
  assert.deepEqual(loads(report).map(({ busy, gap, retries }) => [busy, gap, retries]), [[20, 40, 1], [100, 0, 0]]);
  assert.match(timelineNote(report), /3 attempts · workers busy 60 % of the time · 1 retry · longest idle gap 40 s/);
  assert.equal(timelineRows(report).length, 4);
  const { cells } = timelineConfig(report, theme).options.plugins.drawnCells;
  assert.equal(cells.length, 3);
  assert.ok(cells[0].isHatched && cells[2].height < cells[0].height);
  const eight = { ...report, workers: [..."abcdefgh"], worker: [...Array(8).keys()], trial: [...Array(8).keys()], attempt: Array(8).fill(1), start: Array(8).fill(0), end: Array(8).fill(9), outcome: Array(8).fill("completed"), failure: Array(8).fill("") };
  assert.ok(cells[0].height / 2 < timelineConfig(eight, theme).options.plugins.drawnCells.cells[0].height / 8 * 2, "bars of two workers are not four times as thick");
  const places = [...Array(9000).keys()];
  const many = { ...report, worker: places.map(() => 0), trial: places, attempt: places.map(() => 1), start: places, end: places.map((at) => at + 1), outcome: places.map((at) => (at === 77 ? "failed" : "completed")), failure: places.map(() => "") };
  const bars = barsOf(many);
  assert.ok(bars.length <= 520);
  assert.equal(bars.reduce((sum, bar) => sum + bar.attempts.length, 0), 9000);
  assert.equal(bars.filter(({ failed }) => failed).length, 1);
});

test("the frontier holds what nothing beats in both time and score", () => {
  const points = [{ x: 3, score: 1 }, { x: 1, score: 0.5 }, { x: 2, score: 0.4 }, { x: 4, score: 1 }];
  assert.deepEqual(frontier(points, "maximize").map(({ x }) => x), [1, 3]);
  assert.deepEqual(frontier(points, "minimize").map(({ x }) => x), [1, 2]);
  const store = storeOf([0.5, 0.6], { time: [0, 10] });
  assert.deepEqual(durationRows(all(store)).slice(1), [[1, 10, 0.6, "yes"]]);
  assert.equal(rankRows(all(store, { axes: [axisOf(store, "rate"), axisOf(store, "word")] })).length, 3);
});

test("ticks of times are round in their unit, and none reads as its neighbour", () => {
  const timesOf = (time) => durationConfig(all(storeOf([0.5, 0.6], { time })), theme).options.scales.x;
  const ticks = (time) => {
    const axis = timesOf(time);
    const scale = { min: time[0], max: time[1] };
    axis.afterBuildTicks(scale);
    return [axis.title.text, ...scale.ticks.map(({ value }) => axis.ticks.callback(value))];
  };
  assert.deepEqual(ticks([21, 197]), ["Training time (s)", "50", "100", "150"]);
  assert.deepEqual(ticks([90, 290]), ["Training time (min)", "1.5", "2", "2.5", "3", "3.5", "4", "4.5"]);
  assert.deepEqual(ticks([0.41, 0.44]), ["Training time (s)", "0.41", "0.415", "0.42", "0.425", "0.43", "0.435", "0.44"]);
  assert.deepEqual(ticks([3000, 9000]), ["Training time (h)", "1", "1.5", "2", "2.5"]);
  assert.equal(timesOf([7, 7]).afterBuildTicks({ min: 7, max: 7 }), undefined); // one time
  assert.equal(timesOf([1, 4000]).ticks.callback(1000), "17 min"); // a log axis tells each tick's unit
});

test("going on after a pause is no retry; trying again after a worker went silent is one", () => {
  const report = { trial: [0, 1, 0, 1, 0], attempt: [1, 1, 2, 2, 3], outcome: ["paused", "reaped", "released", "completed", "completed"] };
  assert.deepEqual([...retriesOf(report)], [3]);
});
