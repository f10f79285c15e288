/** Curves of all trials: pale lines, or shades of how many run where they would be one block. Pure. */
import { axis, frame } from "./scales.js";
import { MANY, oncePerReport, quantile } from "./seen-trials.js";
import { placeWords } from "./curve-axes.js";
import { drawnCells } from "./drawn-cells.js";
import { crosshair, endLabels } from "./plugins.js";
import { full, thousands } from "../lib/format.js";
import { faded, trialColour, trialDash } from "../lib/palette.js";

const [ABSENT, DIVERGED, FIRST, LAST] = [0, 1, 2, 255];
const [COLUMNS, ROWS] = [80, 50];
export const MOST_CHOSEN = 6;
const REST_MS = 5000; // between two questions while trials run: each asks for every curve
const LONG_REST_MS = 30_000; // of more than MANY curves, among which one more is hardly seen

/** The answer of all-curves.json with its bytes as values: `curves[i]` is as long as its trial trained. */
export function readCurves({ codes, ...report }) {
  const bytes = Uint8Array.from(atob(codes), (letter) => letter.charCodeAt(0));
  const width = report.epochs.length;
  const valueOf = (code) => report.low + ((code - FIRST) / (LAST - FIRST)) * (report.high - report.low);
  const curves = report.number.map((_, index) => {
    const own = bytes.subarray(index * width, (index + 1) * width);
    const length = own.indexOf(ABSENT) < 0 ? width : own.indexOf(ABSENT);
    return Array.from(own.subarray(0, length), (code) => (code === DIVERGED ? null : valueOf(code)));
  });
  return { ...report, curves };
}

/**
 * Shares of a column's curves in each cell; a steep curve is spread over the cells that it crosses.
 * Source: Moritz and Fisher 2018, "Visualizing a Million Time Series with the Density Line Chart".
 */
export function lineDensity({ epochs, low, high }, curves) {
  const counts = new Float64Array(COLUMNS * ROWS);
  const [first, last] = [epochs[0], epochs.at(-1)];
  const rowOf = (value) => Math.min(ROWS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * ROWS)));
  for (const curve of curves) {
    let [at, before] = [0, null];
    for (let column = 0; column < COLUMNS; column += 1) {
      const x = first + ((column + 0.5) / COLUMNS) * (last - first);
      while (at + 1 < curve.length && epochs[at + 1] < x) at += 1;
      if (at + 1 >= curve.length) break;
      const [left, right] = [curve[at], curve[at + 1]];
      if (left === null || right === null) {
        before = null;
        continue;
      }
      const row = rowOf(left + ((x - epochs[at]) / (epochs[at + 1] - epochs[at])) * (right - left));
      const [from, to] = before === null ? [row, row] : [Math.min(row, before + Math.sign(row - before)), Math.max(row, before + Math.sign(row - before))];
      for (let cell = from; cell <= to; cell += 1) counts[column * ROWS + cell] += 1 / (to - from + 1);
      before = row;
    }
  }
  return counts;
}

function shades(report, curves, colour, most) {
  const { epochs, low, high } = report;
  const counts = lineDensity(report, curves);
  const top = Math.max(...counts) || 1;
  const [width, height] = [(epochs.at(-1) - epochs[0]) / COLUMNS, (high - low) / ROWS];
  return [...counts.keys()]
    .filter((cell) => counts[cell] > 0)
    .map((cell) => ({
      x: epochs[0] + (Math.floor(cell / ROWS) + 0.5) * width,
      y: low + ((cell % ROWS) + 0.5) * height,
      width, height,
      fill: faded(colour, 0.06 + (most - 0.06) * Math.sqrt(counts[cell] / top)),
    }));
}

/** Quartiles of the kept curves at each epoch. */
export const quartiles = oncePerReport(({ epochs, curves, kept }) =>
  epochs.flatMap((epoch, at) => {
    const known = kept.map((index) => curves[index][at]).filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
    return known.length ? [{ epoch, n: known.length, least: known[0], low: quantile(known, 0.25), middle: quantile(known, 0.5), high: quantile(known, 0.75), greatest: known.at(-1) }] : [];
  }),
);

/** @param {ReportJson} report of readCurves, with `kept` (places of the selection's curves), `chosen` (numbers), `isNarrow` */
export function allCurvesConfig(report, theme) {
  const { epochs, low, high, curves, number, kept, chosen, isNarrow } = report;
  const groups = isNarrow ? [[curves, theme.ink2, 0.5], [kept.map((index) => curves[index]), theme.accent, 0.9]] : [[curves, theme.accent, 0.9]];
  const cells = [];
  const lines = [];
  for (const [group, colour, most] of groups) {
    if (group.length > MANY) cells.push(...shades(report, group, colour, most));
    else lines.push({ curves: group, colour: faded(colour, Math.max(0.07, Math.min(0.6, 14 / group.length) * most)) });
  }
  const base = frame(theme);
  base.plugins.drawnCells = { cells };
  base.plugins.paleLines = { lines, epochs };
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? placeWords(item.raw.x, false) : ""),
    label: (item) => ` ${item.dataset.label} · ${full(item.raw.y)}`,
  };
  base.scales = {
    x: axis(theme, { title: "Epoch", integer: true, grid: false, min: epochs[0], max: Math.max(epochs[0] + 1, epochs.at(-1)) }),
    y: axis(theme, { title: report.metric, min: low, max: high }),
  };
  base.scales.y.ticks.includeBounds = false;
  const line = { type: "line", pointRadius: 0, pointHitRadius: 6, tension: 0 };
  const named = chosen.slice(0, MOST_CHOSEN).filter((each) => number.includes(each));
  const datasets = named.map((each) => {
    const data = curves[number.indexOf(each)].map((y, at) => ({ x: epochs[at], y, number: each })).filter(({ y }) => y !== null);
    return { ...line, label: `Trial ${each}`, isMain: true, data, borderColor: trialColour(theme, each), borderDash: trialDash(each), borderWidth: 2.2 };
  });
  const middle = quartiles(report).map(({ epoch, middle: y }) => ({ x: epoch, y }));
  datasets.push({ ...line, label: isNarrow ? "Median of matching trials" : "Median", data: middle, borderColor: theme.ink, borderWidth: 2 });
  base.layout = { padding: { right: named.length ? 130 : 8, top: 6 } };
  base.plugins.endLabels = { isOn: named.length > 0, ink: theme.ink };
  return { type: "line", data: { datasets }, options: base };
}

export function allCurvesRows(report) {
  const rows = quartiles(report).map(({ epoch, n, least, low, middle, high, greatest }) => [epoch, n, least, low, middle, high, greatest]);
  return [["Epoch", "Trials", "Minimum", "Lower quartile", "Median", "Upper quartile", "Maximum"], ...rows];
}

export function allCurvesNote({ kept, curves, cut, diverged, chosen }) {
  const words = [`${thousands(kept.length)} of ${thousands(curves.length)} curves`];
  if (cut) words.push(`${thousands(cut)} beyond the axis`);
  if (diverged) words.push(`${thousands(diverged)} diverged`);
  if (chosen.length > MOST_CHOSEN) words.push(`the first ${MOST_CHOSEN} selected are labelled`);
  return words.join(" · ");
}

/** Chart.js plugin: options.lines: { curves, colour } in the units of both axes, thinner than datasets are and much quicker. */
export const paleLines = {
  id: "paleLines",
  beforeDatasetsDraw({ ctx, chartArea, scales }, _args, { lines = [], epochs = [] }) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    ctx.lineWidth = 1;
    for (const { curves, colour } of lines) {
      ctx.strokeStyle = colour;
      for (const curve of curves) {
        ctx.beginPath();
        let isDown = false;
        curve.forEach((value, at) => {
          const [x, y] = [scales.x.getPixelForValue(epochs[at]), value === null ? null : scales.y.getPixelForValue(value)];
          if (y !== null && isDown) ctx.lineTo(x, y);
          else if (y !== null) ctx.moveTo(x, y);
          isDown = y !== null;
        });
        ctx.stroke();
      }
    }
    ctx.restore();
  },
};

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const allCurves = {
  config: allCurvesConfig, rows: allCurvesRows, note: ({ number, ...report }) => (number.length ? allCurvesNote(report) : ""),
  empty: ({ number }) => (number.length ? "" : "A curve appears after the first epoch"),
  plugins: [drawnCells, paleLines, endLabels, crosshair],
  query: ["range"],
  read: readCurves,
  more: ({ found: { number } }, { store, keeps }) => ({
    kept: [...number.keys()].filter((index) => store.place.has(number[index]) && keeps(store.place.get(number[index]))),
  }),
  news: ({ epochsHeard }) => epochsHeard,
  restMs: ({ number }) => (number.length > MANY ? LONG_REST_MS : REST_MS),
};
