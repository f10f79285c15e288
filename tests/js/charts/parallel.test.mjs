import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAxis, numberAt, placeOf, shown, ticksOf } from "../../../static/js/charts/parallel-axes.js";
import { brushOf, dragged, grabbed, merged, stretchesOf } from "../../../static/js/charts/parallel-brush.js";
import { lineGroups, worstFirst } from "../../../static/js/charts/parallel-colour.js";
import { layoutOf, linesOf, nearestLine, placeAt } from "../../../static/js/charts/parallel-layout.js";
import { moved, ranks, readAxes, relevance, usualAxes, writeAxes } from "../../../static/js/charts/parallel-order.js";
import { lineWords, parallelRows } from "../../../static/js/charts/parallel-rows.js";
import { parallelSvg } from "../../../static/js/charts/parallel-svg.js";
import { nextSteps } from "../../../static/js/lib/sliced.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const makeStore = (values, scores, states = scores.map((score) => (score === null ? "failed" : "completed"))) =>
  new TrialStore({ objective: "val_accuracy", direction: "maximize", max_trials: 10, trials: { n: scores.length, own: { number: [...scores.keys()], state: states, score: scores }, values } });
const hyper = (key, more = {}) => ({ key, label: key, hyper: true, equal: false, text: false, ...more });
const score = { key: "score", label: "val_accuracy", hyper: false, equal: false, text: false };
const rate = { key: "rate", type: "float", min: 1e-4, max: 0.1, scale: "log" };
const range = (count, make) => Array.from({ length: count }, (_, index) => make(index));

test("a log axis has even decades, and says so again after a place is read back", () => {
  const axis = makeAxis(hyper("rate"), rate, makeStore({ rate: [0.001, 0.01] }, [0.5, 0.6]));
  assert.ok(Math.abs(placeOf(axis, 0.001) - 1 / 3) < 1e-9);
  assert.ok(Math.abs(numberAt(axis, 2 / 3) - 0.01) < 1e-9);
  assert.deepEqual(ticksOf(axis).map(({ text }) => text), ["1e-4", "0.001", "0.01", "0.1"]);
  const linear = makeAxis(hyper("rate"), rate, makeStore({ rate: [0.05, 0.01] }, [0.5, 0.6]), { scale: "linear", isFlipped: true });
  assert.ok(Math.abs(shown(linear, placeOf(linear, 0.05)) - 0.5) < 0.01);
  const zero = makeAxis(hyper("drop"), { type: "float", min: 0, max: 1 }, makeStore({ drop: [0, 0.5] }, [1, 2]), { scale: "log" });
  assert.equal(zero.scale, "linear"); // no log scale starts at 0
});

test("a reverse log axis is the space's own formula", () => {
  const axis = makeAxis(hyper("keep"), { type: "float", min: 0.1, max: 1, scale: "reverse_log" }, makeStore({ keep: [0.1, 1] }, [1, 2]));
  assert.deepEqual([0.1, 1].map((value) => Number(placeOf(axis, value).toFixed(9))), [0, 1]);
  assert.ok(Math.abs(numberAt(axis, placeOf(axis, 0.7)) - 0.7) < 1e-9);
});

test("choices have even places in the space's order, and older ones follow", () => {
  const axis = makeAxis(hyper("opt"), { type: "choice", choices: ["sgd", "adam"] }, makeStore({ opt: ["adam", "rmsprop", null] }, [1, 2, 3]));
  assert.deepEqual(axis.choices, ["sgd", "adam", "rmsprop"]);
  assert.equal(placeOf(axis, "adam"), 0.5);
  assert.equal(axis.hasGaps, true);
  assert.equal(placeOf(axis, null), null);
});

test("bad input keeps the picture whole: one trial, none, a constant, no number at all, 500 choices", () => {
  const choices = range(500, (index) => (index ? `choice ${index}` : `<b>${"x".repeat(200)}`));
  for (const scores of [[], [0.5], [null, null], [0.5, 0.5]]) {
    const none = scores.map(() => null);
    const store = makeStore({ rate: none, same: scores.map(() => 3), word: scores.map(() => choices[0]) }, scores);
    const columns = [hyper("rate"), hyper("same"), hyper("word", { text: true }), score];
    const axes = columns.map((column) => makeAxis(column, column.key === "word" ? { type: "choice", choices } : undefined, store));
    const layout = layoutOf(axes, 390, 300);
    const lines = linesOf(store, axes, layout);
    assert.ok(lines.every((y) => Number.isFinite(y) && y >= 0 && y <= 300), String(scores));
    assert.ok(axes.every((axis) => ticksOf(axis, 20).every(({ text, unit }) => text.length <= 16 && unit >= 0 && unit <= 1)));
    assert.ok(ticksOf(axes[2], 20).length <= 20);
    const groups = lineGroups(store, worstFirst(store), new Set(store.own.number), 7);
    assert.equal(groups.reduce((sum, { indices }) => sum + indices.length, 0), scores.length);
    const svg = parallelSvg({ axes, layout, lines, groups, title: "<i>&", baseline: 0.4 }, { ramp: range(7, () => "#000000"), states: {}, panel: "#fff", ink: "#000", ink2: "#555", font: "Inter" });
    assert.equal(svg.match(/<polyline/g)?.length ?? 0, scores.length);
    assert.ok(!svg.includes("<i>") && !svg.includes("NaN"));
    assert.equal(usualAxes(columns, store).at(-1).key, "score");
  }
});

test("the most telling hyperparameters come first, and those that tell nothing are near 0", () => {
  const count = 400;
  const noise = (index) => ((index * 7919) % 1009) / 1009;
  const store = makeStore({ x: range(count, (i) => i), y: range(count, (i) => noise(i)), b: range(count, (i) => (i % 2 ? "a" : "b")) }, range(count, (i) => -((i - 200) ** 2) - (i % 2) * 9000));
  assert.ok(relevance(store, "x") > 0.7);
  assert.ok(Math.abs(relevance(store, "y")) < 0.06);
  assert.deepEqual(usualAxes([hyper("y"), hyper("b"), hyper("x"), hyper("same", { equal: true }), score], store).map(({ key }) => key), ["x", "b", "y", "score"]);
  assert.deepEqual([...ranks([5, 1, 5])], [1.5, 0, 1.5]);
});

test("an address holds order, flips and scales, and what is gone is told", () => {
  const chosenAxes = [{ key: "rate", isFlipped: true, scale: "linear" }, { key: "units", isFlipped: false }];
  assert.equal(writeAxes(chosenAxes), "-rate~linear,units");
  assert.deepEqual(readAxes("-rate~linear,units,units,old", ["rate", "units"]), { chosenAxes, gone: ["old"] });
  assert.deepEqual(moved(chosenAxes, "rate", 9).map(({ key }) => key), ["units", "rate"]);
  assert.deepEqual(moved(chosenAxes, "units", -3).map(({ key }) => key), ["units", "rate"]);
});

test("brushes become ranges of four digits, whole numbers or choices; an end of the axis is open", () => {
  const float = makeAxis(hyper("rate"), rate, makeStore({ rate: [0.001] }, [1]));
  assert.deepEqual(brushOf(float, [[1 / 3, 0.5]]), { ranges: [[0.001, 0.003162]] });
  assert.deepEqual(brushOf(float, [[0, 0.5]]), { ranges: [[-Infinity, 0.003162]] });
  assert.equal(brushOf(float, [[0, 1]]), null);
  const whole = makeAxis(hyper("units"), { type: "int", min: 0, max: 10 }, makeStore({ units: [1] }, [1]));
  assert.deepEqual(brushOf(whole, [[0.15, 0.52]]), { ranges: [[2, 5]] });
  assert.equal(brushOf(whole, [[0.51, 0.59]]), null); // no whole number in it
  const choice = makeAxis(hyper("opt"), { type: "choice", choices: ["a", "b", "c"] }, makeStore({ opt: ["a"] }, [1]));
  assert.deepEqual(brushOf(choice, [[0.4, 0.9]]), { choices: ["b", "c"] });
  assert.deepEqual(stretchesOf(choice, { choices: ["a", "c", null] }).map((each) => each.map((end) => Number(end.toFixed(3)))), [[0, 0.333], [0.667, 1]]);
  assert.deepEqual(brushOf(float, stretchesOf(float, { ranges: [[0.001, 0.01], [0.05, Infinity]] })), { ranges: [[0.001, 0.01], [0.05, Infinity]] });
  assert.deepEqual(stretchesOf(float, { ranges: [[5, 9]] }), []); // beyond the axis: nothing to draw
});

test("dragging makes, moves and resizes brushes, and those that meet become one", () => {
  assert.deepEqual(dragged([], { index: 0, part: "new" }, 0.6, 0.2), [[0.2, 0.6]]);
  const two = [[0.1, 0.2], [0.5, 0.7]];
  assert.deepEqual(grabbed(two, 0.6, 0.03), { index: 1, part: "middle" });
  assert.deepEqual(grabbed(two, 0.695, 0.03), { index: 1, part: "high" });
  assert.deepEqual(grabbed(two, 0.35, 0.03).part, "new");
  assert.deepEqual(dragged(two, { index: 1, part: "middle" }, 0.6, 5).at(-1).map((end) => Number(end.toFixed(6))), [0.8, 1]);
  assert.deepEqual(dragged(two, { index: 1, part: "low" }, 0.5, 0.15), [[0.1, 0.7]]);
  assert.deepEqual(merged([[0.9, 0.8], [0.1, 0.2]]), [[0.1, 0.2], [0.8, 0.9]]);
});

test("the nearest line is found across it, and only among those that are kept", () => {
  const store = makeStore({ x: [0, 10], y: [0, 10] }, [0.1, 0.9]);
  const axes = [hyper("x"), hyper("y")].map((column) => makeAxis(column, undefined, store));
  const layout = layoutOf(axes, 400, 300);
  const picture = { layout, lines: linesOf(store, axes, layout) };
  assert.equal(nearestLine(picture, [0, 1], 200, layout.top + 3), 1);
  assert.equal(nearestLine(picture, [0], 200, layout.top + 3), -1);
  assert.equal(placeAt(layout, 390), 1);
  assert.ok(layoutOf(range(9, () => axes[0]), 390, 300).width > 390); // a narrow screen scrolls
});

test("a line keeps its colour whatever is brushed, and the best are drawn last", () => {
  const store = makeStore({}, [0.5, 0.9, null, 0.7]);
  const ranking = worstFirst(store);
  assert.deepEqual(ranking, [0, 3, 1]);
  const all = lineGroups(store, ranking, new Set([0, 1, 2, 3]), 7);
  assert.deepEqual([all[0].kind, all.at(-1).indices, all.at(-1).shade], ["failed", [1], 6]);
  assert.equal(lineGroups(store, ranking, new Set([3]), 7)[0].shade, all.find(({ indices }) => indices.includes(3)).shade);
});

test("the table has the best first and all that a line says", () => {
  const store = makeStore({ x: [1, 2, null] }, [0.5, 0.9, null]);
  const axes = [makeAxis(hyper("x"), undefined, store), makeAxis(score, undefined, store)];
  assert.deepEqual(parallelRows({ store, axes, kept: [0, 1, 2] }), [["Trial", "State", "x", "val_accuracy"], [1, "completed", 2, 0.9], [0, "completed", 1, 0.5], [2, "failed", null, null]]);
  assert.deepEqual(lineWords(store, axes, 2), [["val_accuracy", "no score"], ["x", "not active"]]);
});

test("slices grow where frames are quick and shrink where they are slow", () => {
  assert.deepEqual([nextSteps(8, 5), nextSteps(8, 40), nextSteps(8, 90), nextSteps(4, 500)], [16, 8, 4, 4]);
});
