/** How far validation lies from training, a point a trial. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { scoreRange } from "./best-so-far.js";
import { bestMark, dots } from "./slice.js";
import { oncePerReport, pointWords, quantile, scoredPoints, within } from "./seen-trials.js";
import { full, plain, thousands } from "../lib/format.js";

/** Trials with both numbers, and by how much validation is worse than training. */
export const gapPoints = oncePerReport(({ store, keeps, number, x, y, direction }) => {
  const placeOf = new Map(number.map((each, at) => [each, at]));
  const sign = direction === "minimize" ? 1 : -1;
  const places = scoredPoints({ store, keeps, isNarrow: false }, (index) => {
    const at = placeOf.get(store.own.number[index]);
    return at === undefined ? [null, null] : [x[at], y[at]];
  });
  return places.map((point) => ({ ...point, trained: point.x, heldOut: point.y, gap: sign * (point.y - point.x) }));
});

/** @param {ReportJson} report of generalization.json with the page's trials and the selection */
export function gapConfig(report, theme) {
  const { store, training, validation, direction } = report;
  const points = gapPoints(report);
  const [across, upwards] = [points.map(({ trained }) => trained), points.map(({ heldOut }) => heldOut)].map((values) => scoreRange(values, direction));
  const marks = points.map((point) => ({ ...point, x: within(across, point.trained), y: within(upwards, point.heldOut) }));
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? `Trial ${item.raw.number}` : ""),
    label: ({ raw }) => [...pointWords(store, raw.index, []), `${training} ${full(raw.trained)}`, `${validation} ${full(raw.heldOut)}`, `gap ${full(raw.gap)}`],
  };
  base.plugins.tooltip.filter = ({ raw }) => raw.number !== undefined;
  base.scales = {
    x: axis(theme, { title: training, min: across.low, max: across.high }),
    y: axis(theme, { title: validation, min: upwards.low, max: upwards.high }),
  };
  const [low, high] = [Math.max(across.low, upwards.low), Math.min(across.high, upwards.high)];
  const equal = { type: "line", pointRadius: 0, pointHitRadius: 0, borderWidth: 1.4, borderColor: theme.ink, borderDash: [4, 3], label: "no gap", data: low < high ? [{ x: low, y: low }, { x: high, y: high }] : [], order: 1 };
  const datasets = [dots(marks.filter(({ kept }) => !kept), theme.ink2, 0.25, "filtered out"), dots(marks.filter(({ kept }) => kept), theme.accent, 0.5, "matching"), equal, bestMark(marks, store, theme)];
  return { type: "scatter", data: { datasets }, options: base };
}

export function gapRows(report) {
  return [["Trial", report.training, report.validation, "Gap"], ...gapPoints(report).map(({ number, trained, heldOut, gap }) => [number, trained, heldOut, gap])];
}

export function gapNote(report) {
  const kept = gapPoints(report).filter((point) => point.kept);
  if (!kept.length) return "No matching trial";
  const median = quantile(kept.map(({ gap }) => gap).sort((a, b) => a - b), 0.5);
  return `Median gap ${plain(median)} over ${thousands(kept.length)} ${kept.length === 1 ? "trial" : "trials"}`;
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const generalizationGap = {
  config: gapConfig, rows: gapRows, note: gapNote,
  empty: (report) => (gapPoints(report).length ? "" : "No completed trial has a training and a validation metric"),
  news: ({ store }) => store.own.state.filter((state) => state === "completed").length,
  restMs: () => 5000,
};
