/** Scores by each choice of a hyperparameter as boxes. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { short } from "./parallel-axes.js";
import { bestMark, dots } from "./slice.js";
import { oncePerReport, pointWords, quantile, rangeOf, scoredPoints, within } from "./seen-trials.js";
import { full, plain, thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

const MOST_NUMBERS = 12; // different whole numbers that still make boxes
export const MOST_BOXES = 20; // the most tried; the table holds all
const FEW = 40; // a box of so few shows its points

/** Choices by value with their scores in order, each with quartiles; the most tried first where there are too many. */
export const boxesOf = oncePerReport(({ store, keeps, axis: own }) => {
  const points = scoredPoints({ store, keeps, isNarrow: false }, (index) => [store.at(own.key, index) === null ? null : 0, store.own.score[index]]);
  const groups = new Map();
  for (const point of points) {
    const value = store.at(own.key, point.index);
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(point);
  }
  const order = [...own.choices, ...[...groups.keys()].filter((value) => !own.choices.includes(value)).sort((a, b) => a - b)];
  return order.filter((value) => groups.has(value)).map((value) => {
    const all = groups.get(value);
    const kept = all.filter((point) => point.kept);
    const scores = kept.map(({ score }) => score).sort((a, b) => a - b);
    return { value, all, n: kept.length, ...summary(scores) };
  });
});

/** Tukey's box: quartiles, and the last scores within one and a half boxes of them. @param {number[]} sorted */
export function summary(sorted) {
  if (!sorted.length) return { low: null, first: null, middle: null, third: null, high: null };
  const [first, middle, third] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const reach = 1.5 * (third - first);
  return { first, middle, third, low: sorted.find((score) => score >= first - reach), high: sorted.findLast((score) => score <= third + reach) };
}

function drawnBoxes(report) {
  const boxes = boxesOf(report);
  if (boxes.length <= MOST_BOXES) return boxes;
  const tried = [...boxes].sort((a, b) => b.all.length - a.all.length).slice(0, MOST_BOXES);
  return boxes.filter((box) => tried.includes(box));
}

/** @param {import("./seen-trials.js").Seen & { axis: import("./parallel-axes.js").Axis }} report */
export function boxesConfig(report, theme) {
  const { store, axis: own } = report;
  const boxes = drawnBoxes(report);
  const points = boxes.flatMap(({ all, n }, at) => all.map((point) => ({ ...point, x: at + jitter(point.number), isFew: n <= FEW })));
  const range = rangeOf(points, store);
  for (const point of points) point.y = within(range, point.score);
  const filled = boxes.map((box, at) => ({ ...box, at })).filter(({ n }) => n > 0);
  const base = frame(theme);
  base.plugins.drawnCells = { cells: filled.map(({ at, first, third }) => ({ x: at, y: (within(range, first) + within(range, third)) / 2, width: 0.56, height: within(range, third) - within(range, first), fill: faded(theme.accent, 0.22) })) };
  base.plugins.whiskers = {
    ink: theme.ink,
    whiskers: filled.flatMap(({ at, low, first, middle, third, high }) => [
      { at, from: within(range, low), to: within(range, first) },
      { at, from: within(range, third), to: within(range, high) },
      { at, from: within(range, middle), to: within(range, middle), cap: 14, width: 2 },
    ]),
  };
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? `Trial ${item.raw.number}` : ""),
    label: (item) => [...pointWords(store, item.raw.index, [[own.key, own.label]]), boxWords(boxes[Math.round(item.raw.x)])],
  };
  const x = axis(theme, { title: short(own.label, 40), min: -0.6, max: boxes.length - 0.4, grid: false });
  x.afterBuildTicks = (scale) => {
    const every = Math.max(1, Math.ceil(boxes.length / 10));
    scale.ticks = boxes.flatMap((_, at) => (at % every ? [] : [{ value: at }]));
  };
  x.ticks.callback = (at) => [short(plain(boxes[at].value), 12), `n ${thousands(boxes[at].n)}`];
  base.scales = { x, y: axis(theme, { title: store.objective, min: range.low, max: range.high }) };
  base.scales.y.ticks.includeBounds = false;
  const few = points.filter(({ isFew }) => isFew);
  const datasets = [dots(few.filter(({ kept }) => !kept), theme.ink2, 0.25, "filtered out"), dots(few.filter(({ kept }) => kept), theme.accent, 0.6, "matching"), bestMark(points, store, theme)];
  return { type: "scatter", data: { datasets }, options: base };
}

const jitter = (number) => ((Math.imul(number + 1, 2654435761) >>> 0) / 2 ** 32 - 0.5) * 0.3;
const boxWords = ({ first, middle, third, n }) => (n ? `median ${full(middle)}, quartiles ${full(first)} to ${full(third)}, n ${thousands(n)}` : "none match");

export function boxesRows(report) {
  const heads = [report.axis.label, "Trials", "Low", "Lower quartile", "Median", "Upper quartile", "High"];
  return [heads, ...boxesOf(report).map(({ value, n, low, first, middle, third, high }) => [plain(value), n, low, first, middle, third, high])];
}

export function boxesNote(report) {
  const boxes = boxesOf(report);
  return boxes.length > MOST_BOXES ? `the ${MOST_BOXES} most frequent of ${boxes.length} values; the table has all` : "";
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const choiceBoxes = {
  config: boxesConfig, rows: boxesRows, note: boxesNote, points: boxesOf, choosers: ["key"],
  takes(row, values) {
    if (!row || row.type === "choice" || row.type === "boolean") return true;
    return row.type === "int" && new Set(values.filter((value) => value !== null)).size <= MOST_NUMBERS;
  },
  nothing: "No hyperparameter is categorical, boolean or a small integer range",
};
