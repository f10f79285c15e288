import assert from "node:assert/strict";
import { test } from "node:test";
import { bestSoFarConfig } from "../../../static/js/charts/best-so-far.js";
import { boxesConfig } from "../../../static/js/charts/choice-boxes.js";
import { placeWords } from "../../../static/js/charts/curve-axes.js";
import { durationConfig } from "../../../static/js/charts/duration-score.js";
import { makeAxis } from "../../../static/js/charts/parallel-axes.js";
import { lineWords } from "../../../static/js/charts/parallel-rows.js";
import { paretoFrontConfig } from "../../../static/js/charts/pareto-front.js";
import { rankConfig } from "../../../static/js/charts/rank-plot.js";
import { inOrder } from "../../../static/js/charts/scales.js";
import { distributionConfig } from "../../../static/js/charts/score-distribution.js";
import { bestLinesConfig, searchDistributionConfig } from "../../../static/js/charts/search-lines.js";
import { sliceConfig } from "../../../static/js/charts/slice.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const STATES = ["waiting", "running", "paused", "completed", "pruned", "stopped", "failed"];
const theme = {
  ink: "#000000", ink2: "#555555", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter",
  trials: Array.from({ length: 8 }, (_, index) => `#00000${index}`),
  states: Object.fromEntries(STATES.map((state, index) => [state, `#11111${index}`])),
};
const [SCORE, RATE] = [0.97333336, 0.0123456789];
const ROWS = { rate: { key: "rate", type: "float", min: 1e-4, max: 0.1, scale: "log" }, word: { key: "word", type: "choice", choices: ["a", "b"] } };
const own = { number: [0, 1], score: [SCORE, 0.5], state: ["completed", "completed"], spread: [0.00123456, null], time: [3.25678, 4], failure: ["", ""] };
const store = new TrialStore({ objective: "val_accuracy", direction: "maximize", max_trials: 2, trials: { n: 2, own, values: { rate: [RATE, 0.001], word: ["a", "b"] } } });
const axisOf = (key) => makeAxis({ key, label: key, hyper: true, text: key === "word" }, ROWS[key], store);
const seen = (more) => ({ store, keeps: () => true, isNarrow: false, ...more });

/** What stands beside the pointer on the first point of the drawing that holds the score. */
function hovered({ data, options }, isIt = ({ index }) => index === 0) {
  const dataset = data.datasets.find((each) => each.data.some(isIt));
  return [options.plugins.tooltip.callbacks.label({ dataset, raw: dataset.data.find(isIt) })].flat().join("\n");
}

test("every chart of trials tells the whole score on hover, and what places the point", () => {
  const [rate, word] = [axisOf("rate"), axisOf("word")];
  const told = [
    bestSoFarConfig({ store }, theme), sliceConfig(seen({ axis: rate }), theme), boxesConfig(seen({ axis: word }), theme),
    rankConfig(seen({ axes: [rate, word] }), theme), durationConfig(seen(), theme),
  ].map((config) => hovered(config));
  for (const words of told) assert.match(words, /0\.97333336 ± 0\.00123456/);
  for (const at of [1, 3]) assert.match(told[at], /rate 0\.0123456789/);
  assert.match(told[4], /3\.25678 s/);
  assert.deepEqual(lineWords(store, [rate], 0), [["rate", "0.0123456789"]]);
});

test("curves, distributions and the Pareto front tell the whole value on hover", () => {
  const isScore = ({ x, y }) => x === SCORE || y === SCORE;
  const search = { name: "a", objective: "val_accuracy", direction: "maximize", n: 2, last: 1, steps: [[0, SCORE]], scores: [0.5, SCORE], place: 0 };
  const objectives = [{ name: "val_accuracy", label: "accuracy", direction: "maximize" }, { name: "parameters", label: "parameters", direction: "minimize" }];
  const front = { objectives, trials: [{ number: 0, values: [SCORE, 12345678] }, { number: 1, values: [0.5, 9] }], front: [0, 1], knee: null };
  for (const config of [distributionConfig(seen({ others: [], drawn: [] }), theme), bestLinesConfig({ searches: [search] }, theme), searchDistributionConfig({ searches: [search] }, theme), paretoFrontConfig(front, theme)]) {
    assert.match(hovered(config, isScore), /0\.97333336/);
  }
  assert.match(hovered(paretoFrontConfig(front, theme), isScore), /parameters: 12345678/);
});

test("points are handed to Chart.js from left to right, lines and bars as they are", () => {
  const config = (type, xs) => ({ type, data: { datasets: [{ data: xs.map((x, index) => ({ x, y: 1, index })) }] } });
  const places = (made) => inOrder(made).data.datasets[0].data.map(({ x }) => x);
  assert.deepEqual(places(config("scatter", [3, 1, 2, 1])), [1, 1, 2, 3]);
  assert.deepEqual(places(config("bar", [3, 1])), [3, 1]);
  assert.deepEqual(places(config("line", [0, 0, 1])), [0, 0, 1]);
  const mixed = { type: "line", data: { datasets: [{ type: "scatter", data: [{ x: 2 }, { x: 1 }] }] } };
  assert.deepEqual(places(mixed), [1, 2]);
  const sorted = config("scatter", [1, 2]);
  const { data } = sorted.data.datasets[0];
  assert.equal(inOrder(sorted).data.datasets[0].data, data);
});

test("an epoch is a whole number, and a part of one has its digits", () => {
  assert.deepEqual([1, 33, 33.254].map((x) => placeWords(x, false)), ["Epoch 1", "Epoch 33", "Epoch 33.25"]);
  assert.equal(placeWords(41.27, true), "41.3 s");
});
