import assert from "node:assert/strict";
import test from "node:test";
import { restingTitle, restingWords } from "../../../static/js/lib/ending.js";
import { tabTitle } from "../../../static/js/lib/head.js";
import { tabIcon } from "../../../static/js/lib/tab-icon.js";

test("the tab tells the percent, then how it ended, then the percent of its next run", () => {
  const running = tabTitle("sweep · Tuning Site", { state: "running", percent: 42 });
  assert.equal(running, "42 % · sweep · Tuning Site");
  const ended = restingTitle(running, "completed");
  assert.equal(ended, "✓ · sweep · Tuning Site");
  assert.equal(tabTitle(ended, { state: "running", percent: 50 }), "50 % · sweep · Tuning Site");
});

test("the note names the best trial where there is one", () => {
  assert.equal(restingWords("sweep", { state: "completed", best: { score: 0.97312, number: 17, expected: { value: null, text: "–" } } }), "sweep is complete. Best search score 0.9731, trial 17.");
  const expected = { value: 0.95, text: "0.9500 (95 % interval 0.9300 to 0.9700)" };
  assert.equal(
    restingWords("sweep", { state: "completed", best: { score: 0.97312, number: 17, expected } }),
    "sweep is complete. Best search score 0.9731, trial 17. Expected on new rows: 0.9500 (95 % interval 0.9300 to 0.9700).",
  );
  assert.equal(restingWords("sweep", { state: "failed", best: null }), "sweep has failed.");
  assert.equal(restingWords("sweep", { state: "running", best: null }), "");
});

test("the icon's ring fills with the percent and has a mark at the end", () => {
  const arc = (percent) => /stroke-dasharray="([\d.]+)/.exec(decodeURIComponent(tabIcon("running", percent)))[1];
  assert.equal(Number(arc(0)), 0);
  assert.ok(Number(arc(50)) < Number(arc(100)));
  assert.equal(arc(100), arc(140));
  assert.match(decodeURIComponent(tabIcon("completed", 100)), /<path/);
  assert.doesNotMatch(decodeURIComponent(tabIcon("running", 10)), /<path/);
});
