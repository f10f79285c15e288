import assert from "node:assert/strict";
import { test } from "node:test";
import { kept, readChart, withTrials, writeChart } from "../../../static/js/lib/compare-address.js";
import { nextPlace, placeWords } from "../../../static/js/lib/difference-rows.js";

test("trials are added to a comparison once, up to the most, and all else stays", () => {
  assert.equal(withTrials("", "a:1", "a", "1, 2,x", 20), "?trials=a:1,a:2");
  assert.equal(withTrials("?equal=shown&base=a:1&trials=old", "", "b", "0,1,2,3", 2), "?equal=shown&base=a:1&trials=b:0,b:1");
});

test("a link keeps what was set since the page came, but for what it is about", () => {
  const now = "?trials=a:1,a:2&base=a:2&equal=shown&first=time,linear,0,val_loss";
  assert.equal(kept("?trials=a:1", now), "?trials=a:1&equal=shown&first=time,linear,0,val_loss");
  assert.equal(kept("?experiments=a,b&base=b", "?experiments=a,b,c"), "?experiments=a,b&base=b");
});

test("a chart's options are written when they are not the usual, and read whatever the metric is called", () => {
  const usual = { axis: "epoch", scale: "linear", smoothing: "0", over: "mean", range: "core", metric: "val_loss" };
  assert.equal(writeChart(usual, usual), "");
  const odd = { ...usual, smoothing: "0.8", over: "median", range: "whole", metric: "a,b" };
  assert.deepEqual(readChart(writeChart(odd, usual)), odd);
  assert.deepEqual(readChart(""), {});
  assert.equal(readChart("time").metric, "");
});

test("differences are walked round and round, forward and back", () => {
  assert.deepEqual([nextPlace(-1, 3, 1), nextPlace(2, 3, 1), nextPlace(-1, 3, -1), nextPlace(0, 3, -1)], [0, 0, 2, 2]);
  assert.equal(nextPlace(-1, 0, 1), -1);
  assert.equal(placeWords("units", 1, 3, 0, 5), "units: 1 of 3 differs from the base · difference 1 of 5");
});
