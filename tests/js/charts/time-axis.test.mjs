import assert from "node:assert/strict";
import { test } from "node:test";

import { timeAxis, timeTicks } from "../../../static/js/charts/time-axis.js";

const theme = new Proxy({}, { get: () => "#000" });
const labels = (made, values) => {
  const ticks = values.map((value) => ({ value }));
  return values.map((value, at) => made.ticks.callback(value, at, ticks));
};

test("a log axis tells times apart, however short they are beside the longest", () => {
  const made = timeAxis(theme, { title: "Training time", high: 50, isLog: true });
  assert.deepEqual(labels(made, [0.001, 0.01, 0.1, 1, 10, 50]), ["0.001 s", "0.01 s", "0.1 s", "1 s", "10 s", "50 s"]);
});

test("what reads alike on a log axis is drawn once", () => {
  const made = timeAxis(theme, { title: "Training time", high: 9000, isLog: true });
  assert.deepEqual(labels(made, [12.5, 100, 110, 120, 200, 3600]), ["12.5 s", "2 min", "", "", "3 min", "1 h"]);
});

test("a linear axis counts in the unit of its range, in round numbers", () => {
  const made = timeAxis(theme, { title: "Training time", high: 600 });
  assert.equal(made.title.text, "Training time (min)");
  assert.deepEqual(timeTicks(0, 600, 60).map(({ value }) => value), [0, 120, 240, 360, 480, 600]);
});
