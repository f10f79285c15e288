/** Which share of the trials scored at most so much, of several experiments. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { oncePerReport, scoredPoints } from "./seen-trials.js";
import { scoreRange } from "./best-so-far.js";
import { full, thousands } from "../lib/format.js";

const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2]];
const COLOURS = [5, 2, 3, 6, 1]; // of the trial palette: those that stand apart on both grounds
const MOST_POINTS = 500;

/** Steps of the distribution: at each score the share of trials that scored at most that. @param {number[]} sorted */
export function distributionSteps(sorted) {
  const step = Math.max(1, Math.floor(sorted.length / MOST_POINTS));
  const places = [...sorted.keys()].filter((at) => at % step === 0 || at === sorted.length - 1);
  return places.map((at) => ({ x: sorted[at], y: (at + 1) / sorted.length }));
}

/** Own trials, those of the selection, and the other experiments; scores in order. */
export const linesOf = oncePerReport((report) => {
  const points = scoredPoints(report, () => [0, 0]);
  const sorted = (list) => list.map(({ score }) => score).sort((a, b) => a - b);
  const lines = [{ label: "this experiment", n: points.length, scores: sorted(points) }];
  if (report.isNarrow) {
    const kept = points.filter((point) => point.kept);
    lines.push({ label: "matching trials", n: kept.length, scores: sorted(kept) });
  }
  for (const { code, n, scores } of report.drawn) {
    lines.push({ label: report.others.find((other) => other.code === code)?.name ?? code, n, scores });
  }
  return lines.filter(({ scores }) => scores.length);
});

/** @param {import("./seen-trials.js").Seen & { others: object[], drawn: object[] }} report */
export function distributionConfig(report, theme) {
  const lines = linesOf(report);
  const range = scoreRange(lines.flatMap(({ scores }) => scores), report.store.direction);
  const base = frame(theme);
  base.interaction = { mode: "nearest", axis: "x", intersect: false };
  base.plugins.legend = { display: lines.length > 1, position: "bottom", onClick: () => {}, labels: { color: theme.ink, font: { family: theme.font, size: 11 }, boxHeight: 0, boxWidth: 22 } };
  base.plugins.tooltip.callbacks = {
    title: () => "",
    label: (item) => `${Math.round(item.raw.y * 100)} % of ${item.dataset.label} at most ${full(item.raw.x)}`,
  };
  base.scales = {
    x: axis(theme, { title: report.store.objective, min: range.low, max: range.high, grid: false }),
    y: axis(theme, { title: "Share of the trials", min: 0, max: 1 }),
  };
  base.scales.x.ticks.includeBounds = false;
  const datasets = lines.map(({ label, scores, n }, at) => ({
    label: `${label} (${thousands(n)})`,
    data: [{ x: scores[0], y: 0 }, ...distributionSteps(scores)],
    stepped: "before",
    pointRadius: 0,
    pointHitRadius: 6,
    borderWidth: at ? 1.6 : 2.4,
    borderColor: at ? theme.trials[COLOURS[(at - 1) % COLOURS.length]] : theme.accent,
    borderDash: DASHES[at % DASHES.length],
  }));
  return { type: "line", data: { datasets }, options: base };
}

export function distributionRows(report) {
  return [["Experiment", report.store.objective, "Share at most this"], ...linesOf(report).flatMap(({ label, scores }) => distributionSteps(scores).map(({ x, y }) => [label, x, y]))];
}
