/** Two hyperparameters with each trial's rank as shade and size. Pure: report to Chart.js config. */
import { frame } from "./scales.js";
import { bestMark } from "./slice.js";
import { oncePerReport, pointWords, ranks, scoredPoints } from "./seen-trials.js";
import { spreadPlace, unitScale } from "./unit-axis.js";
import { thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

export const MOST_POINTS = 1200; // the best, and an even draw of the others: more would be one block
const CLASSES = 5;

export const rankPoints = oncePerReport(({ axes: [x, y], ...seen }) => {
  const { store } = seen;
  const points = scoredPoints(/** @type {import("./seen-trials.js").Seen} */ (seen), (index) => [x, y].map((own, turn) => spreadPlace(own, store.at(own.key, index), store.own.number[index] * 2 + turn)));
  const found = ranks(points.map(({ score }) => score), store.direction);
  return points.map((point, at) => ({ ...point, rank: found[at] }));
});

/** The best fifth of what may be drawn, and every so many of the rest. */
export function thinned(points, most = MOST_POINTS) {
  if (points.length <= most) return points;
  const order = [...points].sort((a, b) => b.rank - a.rank);
  const best = order.slice(0, most / CLASSES);
  const rest = order.slice(most / CLASSES);
  const step = rest.length / (most - best.length);
  return [...best, ...Array.from({ length: most - best.length }, (_, at) => rest[Math.floor(at * step)])];
}

/** @param {import("./seen-trials.js").Seen & { axes: import("./parallel-axes.js").Axis[] }} report */
export function rankConfig(report, theme) {
  const { store, axes: [x, y] } = report;
  const every = rankPoints(report);
  const points = thinned(every);
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? `Trial ${item.raw.number}` : ""),
    label: (item) => [...pointWords(store, item.raw.index, [[x.key, x.label], [y.key, y.label]]), `better than ${Math.round(item.raw.rank * 100)} % of trials`],
  };
  base.scales = { x: unitScale(theme, x), y: unitScale(theme, y, { grid: true }) };
  const classes = Array.from({ length: CLASSES }, (_, level) => ({
    label: `quintile ${level + 1}`,
    data: points.filter((point) => point.kept && Math.min(CLASSES - 1, Math.floor(point.rank * CLASSES)) === level),
    backgroundColor: faded(theme.accent, 0.12 + 0.2 * level),
    borderColor: faded(theme.accent, 0.4 + 0.15 * level),
    borderWidth: 0.7,
    pointRadius: 2 + level * 0.7,
    order: CLASSES - level,
    clip: 8,
  }));
  const out = { label: "filtered out", data: points.filter(({ kept }) => !kept), backgroundColor: faded(theme.ink2, 0.2), borderWidth: 0, pointRadius: 2, order: CLASSES + 1 };
  return { type: "scatter", data: { datasets: [out, ...classes, bestMark(every, store, theme)] }, options: base };
}

export function rankRows(report) {
  const { store, axes: [x, y] } = report;
  return [["Trial", x.label, y.label, store.objective, "Better than"], ...rankPoints(report).map(({ number, index, score, rank }) => [number, store.at(x.key, index), store.at(y.key, index), score, rank])];
}

export function rankNote(report) {
  const { length } = rankPoints(report);
  return length > MOST_POINTS ? `${thousands(MOST_POINTS)} of ${thousands(length)} trials: the best and a uniform sample of the rest` : `${thousands(length)} ${length === 1 ? "trial" : "trials"}`;
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const rankPlot = {
  config: rankConfig, rows: rankRows, note: rankNote, points: rankPoints,
  choosers: ["x", "y"], nothing: "Two hyperparameters that vary are needed",
};
