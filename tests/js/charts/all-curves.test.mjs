import assert from "node:assert/strict";
import { test } from "node:test";
import { allCurvesConfig, allCurvesNote, allCurvesRows, lineDensity, readCurves } from "../../../static/js/charts/all-curves.js";

const theme = { ink: "#000000", ink2: "#555555", panel: "#ffffff", grid: "#eeeeee", accent: "#3b5bdb", font: "Inter", trials: Array.from({ length: 8 }, (_, at) => `#00000${at}`), states: {} };
const report = (curves, more = {}) => ({ metric: "loss", epochs: [1, 2, 3], low: 0, high: 1, cut: 0, diverged: 0, number: [...curves.keys()], curves, kept: [...curves.keys()], chosen: [], isNarrow: false, ...more });

test("bytes become values, gaps and lengths", () => {
  const codes = btoa(String.fromCharCode(2, 255, 1, 255, 0, 0));
  const { curves } = readCurves({ codes, epochs: [1, 2, 3], low: 0, high: 1, number: [4, 9] });
  assert.deepEqual(curves, [[0, 1, null], [1]]);
});

test("few curves are lines, many are shades, and each column's shares sum up to its curves", () => {
  const few = allCurvesConfig(report([[0, 0.5, 1], [1, null, 0.5]]), theme).options.plugins;
  assert.equal(few.drawnCells.cells.length, 0);
  assert.equal(few.paleLines.lines[0].curves.length, 2);
  const many = report(Array.from({ length: 1001 }, (_, at) => [at / 1001, 0.5, 1]));
  const { drawnCells, paleLines } = allCurvesConfig(many, theme).options.plugins;
  assert.ok(drawnCells.cells.length > 100 && drawnCells.cells.length <= 4000);
  assert.equal(paleLines.lines.length, 0);
  const counts = lineDensity(many, many.curves);
  const sum = counts.reduce((total, each) => total + each, 0);
  assert.ok(Math.abs(sum - 1001 * 80) < 1e-6 * sum);
});

test("only chosen trials are named, and the selection has its own median", () => {
  const found = report([[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5]], { chosen: [1, 77], kept: [1], isNarrow: true });
  const { data, options } = allCurvesConfig(found, theme);
  assert.deepEqual(data.datasets.map(({ label }) => label), ["Trial 1", "Median of matching trials"]);
  assert.equal(options.plugins.paleLines.lines.length, 2);
  assert.deepEqual(allCurvesRows(found)[1], [1, 1, 1, 1, 1, 1, 1]);
  assert.equal(allCurvesNote({ ...found, cut: 1, diverged: 2 }), "1 of 3 curves · 1 beyond the axis · 2 diverged");
});

test("one epoch of one trial is drawn", () => {
  const { options } = allCurvesConfig(report([[0.5]], { epochs: [1] }), theme);
  assert.deepEqual([options.scales.x.min, options.scales.x.max], [1, 2]);
});
