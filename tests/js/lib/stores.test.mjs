import assert from "node:assert/strict";
import { test } from "node:test";
import { CurveStore } from "../../../static/js/lib/curve-store.js";
import { TrialStore, arrange } from "../../../static/js/lib/trial-store.js";
import { rowCells, sparkPoints, tableQuery, thinned } from "../../../static/js/lib/trial-row.js";

const columns = (numbers, scores, states) => ({
  n: numbers.length,
  own: {
    number: numbers,
    score: scores,
    state: states ?? scores.map((score) => (score === null ? "running" : "completed")),
    spread: scores.map(() => null),
    epochs: scores.map(() => 3),
    time: scores.map(() => 1.5),
    parameters: scores.map(() => 51000),
    failure: scores.map(() => ""),
  },
  values: { units: numbers.map((number) => 32 * (number + 1)) },
});
const store = (direction = "maximize") =>
  new TrialStore({ objective: "val_accuracy", direction, max_trials: 9, trials: columns([0, 1, 2], [0.9, null, 0.95]) });

test("a live row replaces its older self, a new one is put behind", () => {
  const trials = store();
  const touched = trials.merge(columns([1, 3], [0.97, null]));
  assert.deepEqual(touched, [1, 3]);
  assert.equal(trials.at("score", 1), 0.97);
  assert.equal(trials.size, 4);
  assert.equal(trials.at("units", 3), 128);
});

test("the best trial follows the direction and ignores what did not complete", () => {
  assert.equal(store().best(), 2);
  assert.equal(store("minimize").best(), 0);
  const pruned = new TrialStore({ objective: "x", direction: "maximize", max_trials: 2, trials: columns([0, 1], [0.5, 0.9], ["completed", "pruned"]) });
  assert.equal(pruned.best(), 0);
});

test("rows without a value come last in either order", () => {
  const all = () => true;
  const trials = store();
  assert.deepEqual(arrange(trials, { key: "", descending: false }, all), [2, 0, 1]);
  assert.deepEqual(arrange(trials, { key: "score", descending: false }, all), [0, 2, 1]);
  assert.deepEqual(arrange(trials, { key: "units", descending: true }, all), [2, 1, 0]);
});

test("trials without a score follow in the order of what their pruner saw last", () => {
  const pruned = columns([0, 1, 2, 3], [null, 0.9, null, null], ["pruned", "completed", "paused", "failed"]);
  pruned.own.at_last_rung = [0.5, null, 0.7, null];
  const trials = new TrialStore({ objective: "x", direction: "maximize", max_trials: 4, trials: pruned });
  assert.deepEqual(arrange(trials, { key: "", descending: false }, () => true), [1, 2, 0, 3]);
  assert.deepEqual(arrange(trials, { key: "score", descending: false }, () => true), [1, 0, 2, 3]);
});

test("tails are put behind what is there, and a restart begins anew", () => {
  const curves = new CurveStore();
  const tail = { execution: 9, trial: 4, index: 0, state: "running", epochs: 2, from: 0, metrics: { loss: [3, 2] } };
  curves.merge([tail]);
  curves.merge([{ ...tail, epochs: 3, from: 2, metrics: { loss: [1] } }]);
  assert.deepEqual(curves.of([4])[0].metrics.loss, [3, 2, 1]);
  curves.merge([{ ...tail, epochs: 1, from: 0, metrics: { loss: [5] } }]);
  assert.deepEqual(curves.of([4])[0].metrics.loss, [5]);
  assert.deepEqual([...curves.merge([{ ...tail, trial: 7, execution: 2 }])], [7]);
});

test("an answer that news have overtaken takes no epoch away, and leaves no gap for the next one", () => {
  const curves = new CurveStore();
  const tail = { execution: 9, trial: 4, index: 0, epochs: 3, from: 0, metrics: { loss: [3, 2, 1] } };
  curves.merge([tail]);
  curves.fill([{ ...tail, epochs: 2, metrics: { loss: [3, 2] } }, { ...tail, execution: 10, index: 1, metrics: { loss: [7] } }]);
  curves.merge([{ ...tail, epochs: 4, from: 3, metrics: { loss: [0.5] } }]);
  assert.deepEqual(curves.of([4]).map(({ metrics }) => metrics.loss), [[3, 2, 1, 0.5], [7]]);
});

test("a metric that appears late keeps its place on the axis", () => {
  const curves = new CurveStore();
  const tail = { execution: 1, trial: 0, index: 0, epochs: 1, from: 0, metrics: { loss: [3] } };
  curves.merge([tail]);
  curves.merge([{ ...tail, from: 1, epochs: 2, metrics: { loss: [2], auc: [0.7] } }]);
  assert.deepEqual(curves.of([0])[0].metrics.auc, [null, 0.7]);
});

test("a row's cells tell the difference to the best and hide nothing", () => {
  const trials = store();
  const shown = [{ key: "number" }, { key: "score" }, { key: "units" }, { key: "parameters" }];
  const cells = rowCells(trials, 0, shown, trials.best());
  assert.deepEqual(cells.map((cell) => cell.text), ["0", "0.9000", "−0.0500", "32", "51 k"]);
});

test("a completed trial without epochs says that none were recorded", () => {
  const trials = store();
  trials.own.epochs = [0, 0, 3];
  const texts = [0, 1, 2].map((index) => rowCells(trials, index, [{ key: "epochs" }], -1)[0].text);
  assert.deepEqual(texts, ["–", "0", "3"]);
});

test("sparklines stand inside their box and step over gaps", () => {
  assert.equal(sparkPoints([1]), "");
  assert.equal(sparkPoints([0, null, 1]), "0.0,18.0 72.0,2.0");
  assert.equal(thinned(Array.from({ length: 500 }, (_, i) => i)).at(-1), 499);
});

test("the address keeps only what differs from the plain table", () => {
  const plain = { order: { key: "", descending: false }, hidden: [], withEqual: false, metrics: [] };
  const query = new URLSearchParams("filter=a&equal=1");
  tableQuery(query, plain);
  assert.equal(query.toString(), "filter=a");
  tableQuery(query, { ...plain, order: { key: "units", descending: true }, hidden: ["time", "epochs"], metrics: ["val_loss.best"] });
  assert.equal(query.toString(), "filter=a&sort=-units&hide=time%2Cepochs&metrics=val_loss.best");
});
