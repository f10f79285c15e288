/** Two objectives of every completed trial, and their front as a step line. Pure: record to Chart.js config. */
import { axis, frame } from "./scales.js";
import { full } from "../lib/format.js";
import { faded } from "../lib/palette.js";

const WIDE = 100; // values that span more than this read better on a log scale

/**
 * @typedef {{ name: string, label: string, direction: string }} Objective
 * @typedef {{ objectives: Objective[], trials: { number: number, values: number[] }[], front: number[], knee: number|null }} Front
 */

/** Trials that none beats in both objectives, from left to right; of equal ones the first. */
export function frontOf({ objectives, trials }, x, y) {
  const sign = (place) => (objectives[place].direction === "minimize" ? 1 : -1);
  const [sx, sy] = [sign(x), sign(y)];
  const ordered = trials
    .map(({ number, values }) => ({ x: values[x], y: values[y], number }))
    .sort((a, b) => sx * (a.x - b.x) || sy * (a.y - b.y) || a.number - b.number);
  const found = [];
  for (const point of ordered) if (!found.length || sy * point.y < sy * found.at(-1).y) found.push(point);
  return found.sort((a, b) => a.x - b.x);
}

/** Whether an axis is logarithmic: all values positive, and far apart. */
export function isWide(values) {
  const least = Math.min(...values);
  return values.length > 1 && least > 0 && Math.max(...values) / least >= WIDE;
}

/** @param {Front} report @param {Theme} theme @param {{ x?: string, y?: string }} options places of the two objectives */
export function paretoFrontConfig(report, theme, options = {}) {
  const [x, y] = [Number(options.x ?? 1), Number(options.y ?? 0)];
  const { objectives, trials, knee } = report;
  const members = new Set(report.front);
  const points = trials.map(({ number, values }) => ({ x: values[x], y: values[y], number }));
  const isOn = ({ number }) => members.has(number);
  const mark = { type: "scatter", pointRadius: 4.5, pointHoverRadius: 6, pointHitRadius: 5, isMark: true };
  const base = frame(theme);
  base.plugins.tooltip.filter = (item) => item.dataset.isMark === true;
  base.plugins.tooltip.callbacks = {
    title: (items) => (items.length ? `Trial ${items[0].raw.number}` : ""),
    label: ({ raw }) => [x, y].map((place) => ` ${objectives[place].label}: ${full(place === x ? raw.x : raw.y)}`),
  };
  const scale = (place, values) => {
    const isLog = isWide(values);
    const way = objectives[place].direction === "minimize" ? "lower is better" : "higher is better";
    return axis(theme, { title: `${objectives[place].label} · ${way}${isLog ? " · log scale" : ""}`, type: isLog ? "logarithmic" : "linear" });
  };
  base.scales = { x: scale(x, points.map((point) => point.x)), y: scale(y, points.map((point) => point.y)) };
  const line = {
    type: "line",
    label: "front of these two",
    data: frontOf(report, x, y),
    // What is reached at a value between two members is the one on the worse side of it.
    stepped: objectives[x].direction === "minimize" ? "before" : "after",
    borderColor: theme.accent,
    borderWidth: 1.6,
    pointRadius: 0,
    pointHitRadius: 0,
  };
  const datasets = [
    { ...mark, label: "on the front", data: points.filter((point) => isOn(point) && point.number !== knee), backgroundColor: theme.accent, borderColor: theme.accent },
    { ...mark, label: "knee", data: points.filter(({ number }) => number === knee), pointStyle: "star", pointRadius: 9, borderWidth: 2.5, backgroundColor: theme.accent, borderColor: theme.accent },
    { ...mark, label: "others", data: points.filter((point) => !isOn(point)), backgroundColor: faded(theme.ink2, 0.12), borderColor: theme.ink2 },
    line,
  ];
  return { type: "scatter", data: { datasets }, options: base };
}

/** @param {Front} report */
export function paretoFrontRows({ objectives, trials, front, knee }) {
  const members = new Set(front);
  const place = ({ number }) => (number === knee ? "knee" : members.has(number) ? "yes" : "no");
  return [["Trial", ...objectives.map(({ name }) => name), "On the front"], ...trials.map((trial) => [trial.number, ...trial.values, place(trial)])];
}
