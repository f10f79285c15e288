import assert from "node:assert/strict";
import { test } from "node:test";
import { bestLinesConfig, bestLinesRows, bestPoints, drawn, searchDistributionConfig, searchDistributionRows } from "../../../static/js/charts/search-lines.js";

const theme = { ink: "#000000", ink2: "#555555", grid: "#dddddd", panel: "#ffffff", font: "x", trials: ["#100000", "#200000", "#300000", "#400000", "#500000", "#600000", "#700000", "#800000"] };
const search = (name, steps, scores, more = {}) => ({ name, objective: "val_accuracy", direction: "maximize", n: scores.length, last: 9, steps, scores, ...more });
const found = [search("none", [], []), search("one", [[0, 0.5], [4, 0.8]], [0.5, 0.6, 0.8]), search("two", [[3, 0.7]], [0.7])];

test("searches keep the colour of their place; those without a score are left out", () => {
  const searches = drawn(found);
  assert.deepEqual(searches.map(({ name, place }) => [name, place]), [["one", 1], ["two", 2]]);
  const { data } = bestLinesConfig({ searches }, theme);
  assert.deepEqual(data.datasets.map(({ label, borderColor }) => [label, borderColor]), [["one", "#200000"], ["two", "#300000"]]);
});

test("the best goes on to the last trial, and a lone score is a point", () => {
  assert.deepEqual(bestPoints(found[1]).map(({ x, y }) => [x, y]), [[0, 0.5], [4, 0.8], [9, 0.8]]);
  assert.deepEqual(bestPoints({ steps: [], last: 0 }), []);
  const { data } = bestLinesConfig({ searches: drawn(found) }, theme);
  assert.deepEqual(data.datasets.map(({ pointRadius }) => pointRadius), [0, 3]);
});

test("the distribution steps to one, and equal scores make an axis all the same", () => {
  const { data, options } = searchDistributionConfig({ searches: drawn([search("flat", [[0, 0.5]], [0.5, 0.5])]) }, theme);
  assert.equal(data.datasets[0].data.at(-1).y, 1);
  assert.ok(options.scales.x.min < 0.5 && options.scales.x.max > 0.5);
});

test("both charts have a table", () => {
  const searches = drawn(found);
  assert.deepEqual(bestLinesRows({ searches }).slice(1), [["one", 0, 0.5], ["one", 4, 0.8], ["two", 3, 0.7]]);
  const [heads, one] = searchDistributionRows({ searches });
  assert.deepEqual([heads[5], one[5], one[2], one.at(-1)], ["Median", 0.6, 0.5, 0.8]);
});
