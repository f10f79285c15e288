import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERY_MS, HIDDEN_MS, RESTING_MS, pause } from "../../../static/js/lib/poll.js";
import { runningWords } from "../../../static/js/lib/running-words.js";
import { segments, tabTitle } from "../../../static/js/lib/head.js";
import { csv } from "../../../static/js/lib/download.js";

test("a running page asks each second, a resting or hidden one less often", () => {
  assert.equal(pause({ hidden: false, active: true, failures: 0 }), EVERY_MS);
  assert.equal(pause({ hidden: false, active: false, failures: 0 }), RESTING_MS);
  assert.equal(pause({ hidden: true, active: true, failures: 0 }), HIDDEN_MS);
});

test("a lost link is requested again after at most four seconds", () => {
  assert.equal(pause({ hidden: false, active: true, failures: 9 }), 4000);
});

test("the tab tells the share done while it runs, and only then", () => {
  assert.equal(tabTitle("mnist · Tuning Site", { state: "running", percent: 42 }), "42 % · mnist · Tuning Site");
  assert.equal(tabTitle("42 % · mnist · Tuning Site", { state: "running", percent: 43 }), "43 % · mnist · Tuning Site");
  assert.equal(tabTitle("99 % · mnist · Tuning Site", { state: "completed", percent: 100 }), "mnist · Tuning Site");
});

test("the progress bar's stretches lie end to end", () => {
  const parts = segments({ counts: { completed: 5, failed: 1, running: 2 }, max_trials: 10, total: 8 });
  assert.deepEqual(parts.map(({ state, left, width }) => [state, left, width]), [["completed", 0, 500], ["failed", 500, 100], ["running", 600, 200]]);
});

test("a CSV quotes what needs it and defuses formulas", () => {
  assert.equal(csv([["a", "b"], ['x,"y"', null], ["=1+1", -2]]), 'a,b\r\n"x,""y""",\r\n\'=1+1,-2\r\n');
});

test("a running trial tells its execution, epoch and what is left at most", () => {
  const first = { index: 0, state: "completed", epochs: 10, planned: 10, seconds: 20 };
  const second = { index: 1, state: "running", epochs: 4, planned: 10, seconds: 8 };
  assert.equal(runningWords([first, second]), "execution 2/2 · epoch 4/10 · 12 s left");
  assert.equal(runningWords([{ ...second, index: 0, epochs: 0, seconds: 0 }]), "epoch 0/10");
});
