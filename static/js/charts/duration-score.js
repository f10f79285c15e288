/** What a better score costs: training time against score. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { bestMark, dots } from "./slice.js";
import { oncePerReport, pointWords, rangeOf, scoredPoints, within } from "./seen-trials.js";
import { timeAxis } from "./time-axis.js";
import { duration, full, thousands } from "../lib/format.js";

export const MOST_POINTS = 1000;
const WIDE = 30; // times that span more are read better on a log axis

export const durationPoints = oncePerReport((report) =>
  scoredPoints(report, (index) => [report.store.own.time[index] > 0 ? report.store.own.time[index] : null, report.store.own.score[index]]),
);

/** The quickest trials for each score: none is both quicker and better. */
export function frontier(points, direction) {
  const sign = direction === "minimize" ? 1 : -1;
  const found = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || sign * (a.score - b.score))) {
    if (!found.length || sign * point.score < sign * found.at(-1).score) found.push(point);
  }
  return found;
}

/** @param {import("./seen-trials.js").Seen} report */
export function durationConfig(report, theme) {
  const { store } = report;
  const points = durationPoints(report);
  const range = rangeOf(points, store);
  for (const point of points) point.y = within(range, point.score);
  const front = frontier(points.filter(({ kept }) => kept), store.direction);
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const marks = points.filter((_, at) => at % every === 0);
  const times = points.map(({ x }) => x);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? `Trial ${item.raw.number}` : ""),
    label: (item) => [...pointWords(store, item.raw.index, []), `${duration(item.raw.x)} of training (${full(item.raw.x)} s)`],
  };
  base.scales = {
    x: timeAxis(theme, { title: "Training time", high, isLog: high / low > WIDE }),
    y: axis(theme, { title: store.objective, min: range.low, max: range.high }),
  };
  base.scales.y.ticks.includeBounds = false;
  const step = { type: "line", stepped: "before", pointRadius: 0, pointHitRadius: 0, borderWidth: 1.6, borderColor: theme.ink, borderDash: [4, 3], label: "best within the time", data: front, order: 1 };
  const datasets = [dots(marks.filter(({ kept }) => !kept), theme.ink2, 0.25, "filtered out"), dots(marks.filter(({ kept }) => kept), theme.accent, 0.5, "matching"), step, bestMark(points, store, theme)];
  return { type: "scatter", data: { datasets }, options: base };
}

export function durationRows(report) {
  const front = new Set(frontier(durationPoints(report).filter(({ kept }) => kept), report.store.direction).map(({ index }) => index));
  return [["Trial", "Training time (s)", report.store.objective, "Best within the time"], ...durationPoints(report).map(({ number, index, x, score }) => [number, x, score, front.has(index) ? "yes" : ""])];
}

export function durationNote(report) {
  const { length } = durationPoints(report);
  const every = Math.max(1, Math.ceil(length / MOST_POINTS));
  return every > 1 ? `1 in ${every} of ${thousands(length)} trials drawn` : `${thousands(length)} ${length === 1 ? "trial" : "trials"}`;
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const durationScore = {
  config: durationConfig, rows: durationRows, note: durationNote, points: durationPoints,
};
