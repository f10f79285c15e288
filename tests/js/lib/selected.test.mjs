import assert from "node:assert/strict";
import { test } from "node:test";
import { actedOn, brushWords, columnsOf, comparedAddress, countWords } from "../../../static/js/lib/selected.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const store = new TrialStore({
  objective: "loss", direction: "minimize", max_trials: 9,
  trials: { n: 4, own: { number: [0, 1, 2, 3], state: ["completed", "failed", "completed", "completed"], score: [0.5, null, 0.1, 0.3] }, values: { units: [1, 2, 3, 4] } },
});

test("a brush says in words what it keeps", () => {
  assert.equal(brushWords("rate", { ranges: [[0.0003, 0.004]] }), "rate 3e-4 … 0.004");
  assert.equal(brushWords("rate", { ranges: [[-Infinity, 2], [5, Infinity]] }), "rate ≤ 2 or rate ≥ 5");
  assert.equal(brushWords("opt", { choices: ["a", null, true, 3, "<b>"] }), "opt a, not active, yes and 2 more");
});

test("counts tell what is in and what is chosen", () => {
  assert.equal(countWords(37, 412, 0, true), "37 of 412 trials match");
  assert.equal(countWords(37, 412, 3, true), "37 of 412 trials match, 3 selected");
  assert.equal(countWords(412, 412, 3, false), "3 of 412 trials selected");
});

test("acts are about the chosen trials, else about the kept ones with the best first", () => {
  assert.deepEqual(actedOn(store, [0, 1, 2, 3], [3, 99]), [3]);
  assert.deepEqual(actedOn(store, [0, 1, 2, 3], []), [2, 3, 0, 1]);
  assert.deepEqual(actedOn(store, [], []), []);
  assert.equal(comparedAddress("/compare/", "c", [2, 3, 0], 2), "/compare/?trials=c:2,c:3");
  assert.deepEqual(columnsOf(store), ["number", "state", "score", "units"]);
});
