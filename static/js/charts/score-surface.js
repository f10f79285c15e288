/** The typical score over two hyperparameters as shades, the trials as points. Pure: report to Chart.js config. */
import { axis, frame, tick } from "./scales.js";
import { bestMark, dots } from "./slice.js";
import { MANY, oncePerReport, pointWords, scoredPoints } from "./seen-trials.js";
import { short } from "./parallel-axes.js";
import { conditionWords } from "./importance.js";
import { figures, full, plain, thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

/** @typedef {[any, any, number][]} Cells first value, last value, listed values in it (0: a stretch) */

/** Where a value lies, in cells from 0; null where it is in none. @param {Cells} cells */
export function cellPlace(cells, value) {
  if (value === null || value === undefined) return null;
  const isNumber = typeof value === "number";
  for (const [at, [low, high, listed]] of cells.entries()) {
    if (listed === 1 ? value === low : isNumber && typeof low === "number" && listed && value >= low && value <= high) return at + 0.5;
    if (!listed && isNumber && value >= low && (value < high || at === cells.length - 1) && value <= high) return at + (high > low ? (value - low) / (high - low) : 0.5);
  }
  // The cell of the words that are seldom tried comes last.
  const [, , others] = cells.at(-1);
  return others > 1 && !isNumber ? cells.length - 0.5 : null;
}

/** Ends of cells are no round numbers: two digits tell enough. */
const edge = (value) => (Number.isInteger(value) ? plain(value) : tick(Number(value.toPrecision(2))));

export function cellLabel([low, high, listed]) {
  if (listed === 1) return plain(low);
  if (listed > 1 && typeof low !== "number") return `${listed} others`;
  return `${edge(low)} to ${edge(high)}`;
}

function cellScale(theme, label, cells) {
  const options = axis(theme, { title: short(label, 40), min: 0, max: cells.length, grid: false });
  const isRange = cells[0][2] === 0;
  options.afterBuildTicks = (scale) => {
    const every = Math.max(1, Math.ceil(cells.length / 6));
    const places = Array.from({ length: cells.length + Number(isRange) }, (_, at) => at).filter((at) => at % every === 0);
    scale.ticks = places.map((at) => ({ value: isRange ? at : at + 0.5 }));
  };
  options.ticks.callback = (value) => {
    if (!isRange) return short(cellLabel(cells[Math.min(cells.length - 1, Math.floor(value))]), 12);
    return edge(value >= cells.length ? cells.at(-1)[1] : cells[Math.floor(value)][0]);
  };
  return options;
}

const pointsOf = oncePerReport((report) =>
  scoredPoints(report, (index) => [cellPlace(report.cells_x, report.store.at(report.x, index)), cellPlace(report.cells_y, report.store.at(report.y, index))]),
);

/** How many trials lie in each cell: [x][y]. */
export function counted(points, columns, rows) {
  const counts = Array.from({ length: columns }, () => Array.from({ length: rows }, () => 0));
  for (const { x, y } of points) counts[Math.min(columns - 1, Math.floor(x))][Math.min(rows - 1, Math.floor(y))] += 1;
  return counts;
}

/** @param {ReportJson} report of surface.json with the page's trials, `labelOf` and the selection */
export function surfaceConfig(report, theme) {
  const { store, cells_x: across, cells_y: along, score } = report;
  const points = pointsOf(report);
  const counts = counted(points, across.length, along.length);
  const flat = score.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  const share = (value) => (high > low ? (store.direction === "minimize" ? high - value : value - low) / (high - low) : 0.5);
  const cells = score.flatMap((column, x) =>
    column.map((value, y) => ({ x: x + 0.5, y: y + 0.5, width: 1, height: 1, isHatched: counts[x][y] === 0, fill: faded(theme.accent, 0.06 + 0.74 * share(value ?? low)) })),
  );
  const base = frame(theme);
  base.plugins.drawnCells = { cells, gap: 1, ink: theme.ink };
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? (item.raw.trials === undefined ? `Trial ${item.raw.number}` : `${thousands(item.raw.trials)} trial${item.raw.trials === 1 ? "" : "s"} here`) : ""),
    label: ({ raw }) => [...(raw.trials === undefined ? pointWords(store, raw.index, [[report.x, report.labelOf(report.x)], [report.y, report.labelOf(report.y)]]) : placeWords(report, raw)), cellWords(report, raw)],
  };
  base.scales = { x: cellScale(theme, report.labelOf(report.x), across), y: cellScale(theme, report.labelOf(report.y), along) };
  // Above that many only the selected ones and the best: the shades would lie under a block.
  const marks = points.length > MANY ? (report.isNarrow ? points.filter(({ kept }) => kept).slice(0, MANY) : []) : points;
  // What each cell says on hover; nothing is drawn of it.
  const places = { label: "cells", data: cells.map(({ x, y }) => ({ x, y, trials: counts[Math.floor(x)][Math.floor(y)] })), pointRadius: 0, pointHoverRadius: 0, pointHitRadius: 6, order: 3 };
  const datasets = [places, dots(marks.filter(({ kept }) => !kept), theme.ink2, 0.35, "filtered out"), { ...dots(marks.filter(({ kept }) => kept), theme.ink, 0.75, "matching"), pointRadius: 2 }, bestMark(points, store, theme)];
  return { type: "scatter", data: { datasets }, options: base };
}

const placeWords = (report, { x, y }) => [
  `${report.labelOf(report.x)} ${cellLabel(report.cells_x[Math.floor(x)])}`,
  `${report.labelOf(report.y)} ${cellLabel(report.cells_y[Math.floor(y)])}`,
];

function cellWords({ score, error }, { x, y }) {
  const [column, row] = [Math.min(score.length - 1, Math.floor(x)), Math.min(score[0].length - 1, Math.floor(y))];
  return `predicted ${full(score[column][row])} ± ${full(error[column][row])}`;
}

export function surfaceRows(report) {
  const counts = counted(pointsOf(report), report.cells_x.length, report.cells_y.length);
  const heads = [report.labelOf(report.x), report.labelOf(report.y), `Predicted ${report.store.objective}`, "Standard error", "Trials"];
  return [heads, ...report.score.flatMap((column, x) => column.map((value, y) => [cellLabel(report.cells_x[x]), cellLabel(report.cells_y[y]), value, report.error[x][y], counts[x][y]]))];
}

export function surfaceNote(report) {
  const flat = report.score.flat().filter((value) => value !== null);
  const errors = report.error.flat().filter((value) => value !== null).sort((a, b) => a - b);
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  const [worst, best] = report.store.direction === "minimize" ? [high, low] : [low, high];
  const words = [`colour scale ${figures(worst)} to ${figures(best)}`, `standard error ${figures(errors[Math.floor(errors.length / 2)], 2)}`, `${thousands(report.used)} trials`];
  if (report.state === "unclear") words.push("no significant effect yet: differences may be noise");
  if (report.conditions.length) words.push(conditionWords(report.conditions));
  return words.join(" · ");
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const scoreSurface = {
  config: surfaceConfig, rows: surfaceRows, note: (report) => (report.why ? "" : surfaceNote(report)), empty: ({ why }) => why,
  choosers: ["x", "y"], query: ["x", "y"], nothing: "Two hyperparameters that vary are needed",
};
