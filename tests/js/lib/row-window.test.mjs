import assert from "node:assert/strict";
import { test } from "node:test";
import { medianCurve, sampleOf } from "../../../static/js/lib/median-curve.js";
import { offsetOf, rowWindow } from "../../../static/js/lib/row-window.js";

const ROW = 32;

test("few rows stand in the document whole", () => {
  assert.deepEqual(rowWindow({ count: 9, row: ROW, top: 0, height: 800 }), { from: 0, to: 9, above: 0, below: 0 });
  assert.deepEqual(rowWindow({ count: 0, row: ROW, top: 0, height: 800 }), { from: 0, to: 0, above: 0, below: 0 });
});

test("of 10,000 rows those in sight and some around stand, wherever it is scrolled", () => {
  for (const top of [0, 31, 5000, 160_017, 319_200, 400_000, 1e9]) {
    const { from, to, above, below } = rowWindow({ count: 10_000, row: ROW, top, height: 800 });
    assert.ok(to - from <= 52, `${to - from} rows at ${top}`);
    assert.equal(above + (to - from) * ROW + below, 320_000);
    assert.ok(top > 319_999 || (above <= top && above + (to - from) * ROW >= Math.min(320_000, top + 800)));
  }
});

test("what hangs below an opened row moves those behind it, whether or not it stands", () => {
  for (const opened of [0, 100, 5000, 9999]) {
    for (const top of [0, 3150, 3300, 3500, 160_100, 319_000]) {
      const { from, to, above, below } = rowWindow({ count: 10_000, row: ROW, top, height: 800, opened, detail: 250 });
      const within = opened >= from && opened < to ? 250 : 0;
      assert.equal(above + (to - from) * ROW + within + below, 320_250, `${opened} at ${top}`);
      assert.ok(above <= top, `${opened} at ${top}`);
    }
  }
  assert.equal(offsetOf(3, ROW, 2, 250), 3 * ROW + 250);
  assert.equal(offsetOf(2, ROW, 2, 250), 2 * ROW);
});

test("a typical curve is the median where a third still trains, and needs three", () => {
  const curve = (trial, values, index = 0) => ({ trial, index, metrics: { loss: values } });
  const curves = [curve(0, [3, 2, 1]), curve(1, [9, null]), curve(2, [4, 4]), curve(2, [99, 99], 1)];
  assert.deepEqual(medianCurve(curves, "loss").metrics.loss, [4, 3, 1]);
  assert.equal(medianCurve(curves.slice(0, 2), "loss"), null);
  assert.equal(medianCurve(curves, "accuracy"), null);
});

test("a sample is spread over the completed trials", () => {
  const number = Array.from({ length: 100 }, (_, index) => index);
  const store = { own: { number, state: number.map((n) => (n % 2 ? "failed" : "completed")) } };
  const sample = sampleOf(store, 5);
  assert.deepEqual([sample.length, sample[0], sample.at(-1)], [5, 0, 98]);
  assert.ok(sample.every((n) => n % 2 === 0));
});

test("trials that people set aside are in no sample", () => {
  const number = [0, 1, 2];
  const store = { own: { number, state: number.map(() => "completed"), set_aside: ["", "Wrong data", ""] } };
  assert.deepEqual(sampleOf(store), [0, 2]);
});
