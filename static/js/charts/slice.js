/** The score over one hyperparameter, with a running median. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { placeOf } from "./parallel-axes.js";
import { MANY, density, oncePerReport, pointWords, quantile, rangeOf, scoredPoints, within } from "./seen-trials.js";
import { spreadPlace, unitScale } from "./unit-axis.js";
import { thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

const STOPS = 24; // of the running median
const LEAST = 12; // points that it needs

/** Quartiles in windows that each hold a sixth of the trials, at most. @param {{x: number, score: number}[]} points */
export function runningQuartiles(points) {
  if (points.length < LEAST) return [];
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const size = Math.max(8, Math.ceil(sorted.length / 6));
  const found = [];
  for (let stop = 0; stop < STOPS; stop += 1) {
    const start = Math.round(((sorted.length - size) * stop) / (STOPS - 1));
    const window = sorted.slice(start, start + size);
    const scores = window.map(({ score }) => score).sort((a, b) => a - b);
    const x = quantile(window.map((point) => point.x), 0.5);
    if (found.length && x <= found.at(-1).x) continue;
    found.push({ x, low: quantile(scores, 0.25), middle: quantile(scores, 0.5), high: quantile(scores, 0.75) });
  }
  return found;
}

export const slicePoints = oncePerReport(({ axis: own, ...seen }) =>
  scoredPoints(/** @type {import("./seen-trials.js").Seen} */ (seen), (index) => [spreadPlace(own, seen.store.at(own.key, index), seen.store.own.number[index]), seen.store.own.score[index]]),
);

/** @param {import("./seen-trials.js").Seen & { axis: import("./parallel-axes.js").Axis }} report */
export function sliceConfig(report, theme) {
  const { store, axis: own } = report;
  const points = slicePoints(report);
  const range = rangeOf(points, store);
  for (const point of points) point.y = within(range, point.score);
  const kept = points.filter((point) => point.kept);
  const isCrowd = points.length > MANY;
  const marks = isCrowd ? (report.isNarrow && kept.length <= MANY ? kept : []) : points;
  const base = frame(theme);
  base.plugins.tooltip.filter = (item) => item.raw.index !== undefined;
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? `Trial ${item.raw.number}` : ""),
    label: (item) => pointWords(store, item.raw.index, [[own.key, own.label]]),
  };
  base.plugins.drawnCells = { cells: isCrowd ? shades(points, range, theme) : [] };
  base.scales = { x: unitScale(theme, own), y: axis(theme, { title: store.objective, min: range.low, max: range.high }) };
  base.scales.y.ticks.includeBounds = false;
  const datasets = [dots(marks.filter((point) => !point.kept), theme.ink2, 0.25, "filtered out"), dots(marks.filter((point) => point.kept), theme.accent, 0.55, "matching")];
  datasets.push(...band(own.kind === "number" ? runningQuartiles(kept) : [], theme, range), bestMark(points, store, theme));
  return { type: "scatter", data: { datasets }, options: base };
}

/** @returns {Dataset} */
export function dots(data, colour, alpha, label) {
  return { label, data, pointRadius: data.length > 400 ? 2 : 3, pointHoverRadius: 5, borderWidth: 0, backgroundColor: faded(colour, alpha), clip: 8, order: 2 };
}

/** The best trial: a star, recognizable without its colour. @returns {Dataset} */
export function bestMark(points, store, theme) {
  const sign = store.direction === "minimize" ? 1 : -1;
  const best = points.reduce((found, point) => (found === null || sign * point.score < sign * found.score ? point : found), null);
  return { label: "best", data: best ? [best] : [], pointStyle: "star", pointRadius: 8, pointHoverRadius: 9, borderColor: theme.ink, borderWidth: 2, clip: 10, order: 0 };
}

/** Shades of how many trials lie in a square; those of the selection in its colour. */
export function shades(points, range, theme) {
  const cells = density(points, range);
  const most = Math.max(...cells.map(({ n }) => n));
  return cells.map(({ n, kept, ...place }) => ({ ...place, fill: faded(kept ? theme.accent : theme.ink2, 0.12 + (kept ? 0.68 : 0.28) * Math.sqrt((kept || n) / most)) }));
}

/** @returns {Dataset[]} */
function band(stops, theme, range) {
  if (!stops.length) return [];
  const line = { type: "line", pointRadius: 0, pointHitRadius: 0, order: 1, tension: 0 };
  const at = (key) => stops.map((stop) => ({ x: stop.x, y: within(range, stop[key]) }));
  return [
    { ...line, label: "median", data: at("middle"), borderColor: theme.ink, borderWidth: 2 },
    { ...line, label: "upper quartile", data: at("high"), borderColor: theme.ink2, borderWidth: 1, borderDash: [4, 3] },
    { ...line, label: "lower quartile", data: at("low"), borderColor: theme.ink2, borderWidth: 1, borderDash: [4, 3] },
  ];
}

export function sliceRows(report) {
  const { store, axis: own } = report;
  const points = slicePoints(report);
  return [["Trial", own.label, store.objective, "Matching"], ...points.map(({ index, number, score, kept }) => [number, store.at(own.key, index), score, kept ? "yes" : "no"])];
}

export function sliceNote(report) {
  const points = slicePoints(report);
  const absent = report.store.own.state.filter((state, index) => state === "completed" && placeOf(report.axis, report.store.at(report.axis.key, index)) === null).length;
  const words = [`${thousands(points.filter(({ kept }) => kept).length)} of ${thousands(points.length)} trials`];
  if (absent) words.push(`${thousands(absent)} where not active`);
  const { clipped } = rangeOf(points, report.store);
  if (clipped) words.push(`${thousands(clipped)} beyond the axis`);
  return words.join(" · ");
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const scoreSlice = {
  config: sliceConfig, rows: sliceRows, note: sliceNote, points: slicePoints, choosers: ["key"],
};
