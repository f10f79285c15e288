import assert from "node:assert/strict";
import { test } from "node:test";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const columns = (own, values = {}) => ({ n: own.number.length, own, values });
const store = () =>
  new TrialStore({
    objective: "val_loss", direction: "minimize", max_trials: 9,
    trials: columns({ number: [0, 1], state: ["completed", "running"], score: [0.5, null], epochs: [9, 3] }, { units: [8, 16] }),
  });

test("a merge tells which columns changed, and whether rows came", () => {
  const trials = store();
  trials.merge(columns({ number: [1], state: ["running"], score: [null], epochs: [4] }, { units: [16] }));
  assert.deepEqual([[...trials.changed], trials.hasGrown], [["epochs"], false]);
  trials.merge(columns({ number: [1], state: ["completed"], score: [0.4], epochs: [4] }, { units: [16] }));
  assert.deepEqual([[...trials.changed].sort(), trials.hasGrown], [["score", "state"], false]);
  trials.merge(columns({ number: [2], state: ["running"], score: [null], epochs: [0] }, { units: [32] }));
  assert.equal(trials.hasGrown, true);
});
