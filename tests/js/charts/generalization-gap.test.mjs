import assert from "node:assert/strict";
import { test } from "node:test";
import { gapConfig, gapNote, gapPoints, gapRows, generalizationGap } from "../../../static/js/charts/generalization-gap.js";
import { TrialStore } from "../../../static/js/lib/trial-store.js";

const theme = { ink: "#000000", ink2: "#555555", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter" };

function reportOf(scores, x, y, { direction = "maximize", keeps = () => true } = {}) {
  const column = (value) => scores.map(() => value);
  const own = { number: [...scores.keys()], score: scores, state: column("completed"), spread: column(null), time: column(3), failure: column("") };
  const store = new TrialStore({ objective: "val_accuracy", direction, max_trials: scores.length, trials: { n: scores.length, own, values: {} } });
  return { store, keeps, direction, training: "accuracy", validation: "val_accuracy", number: own.number.slice(0, x.length), x, y };
}

test("a gap is by how much validation is worse, whichever direction is better", () => {
  const gaps = (direction) => gapPoints(reportOf([0.8, 0.9], [0.95, 0.91], [0.8, 0.9], { direction })).map(({ gap }) => Math.round(gap * 100) / 100);
  assert.deepEqual(gaps("maximize"), [0.15, 0.01]);
  assert.deepEqual(gaps("minimize"), [-0.15, -0.01]);
});

test("trials without both numbers are left out, and the note speaks of the selection", () => {
  const report = reportOf([0.8, 0.9, 0.7], [0.95, 0.91], [0.8, 0.9], { keeps: (index) => index === 0 });
  assert.deepEqual(gapRows(report).map(([number]) => number), ["Trial", 0, 1]);
  assert.equal(gapNote(report), "Median gap 0.15 over 1 trial");
  assert.equal(gapNote(reportOf([0.8], [0.9], [0.8], { keeps: () => false })), "No matching trial");
});

test("axes are finite and the line of no gap lies within both", () => {
  for (const values of [[], [0.5], [0.5, 0.5], [0.2, 0.9, 1e6]]) {
    const { data, options } = gapConfig(reportOf(values, values, values), theme);
    for (const { min, max } of Object.values(options.scales)) assert.ok(min < max);
    for (const { x } of data.datasets[2].data) assert.ok(x >= options.scales.x.min && x <= options.scales.y.max);
  }
});

test("a search whose script recorded no training metric says so", () => {
  const { empty } = generalizationGap;
  assert.match(empty(reportOf([0.5], [], [])), /^No completed trial has/);
  assert.equal(empty(reportOf([0.5], [0.6], [0.5])), "");
});
