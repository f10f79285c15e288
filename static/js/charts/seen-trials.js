/** The trials of a chart: which are kept by the page's selection, which are the best, what they rank. Pure. */
import { full } from "../lib/format.js";
import { scoreRange } from "./best-so-far.js";

export const MANY = 1000; // points beyond are drawn as shades of how many lie there

/**
 * @typedef {{ store: import("../lib/trial-store.js").TrialStore, keeps: (index: number) => boolean, isNarrow: boolean }} Seen
 * @param {Seen} seen @param {(index: number) => (number|null)[]} placesOf coordinates; a null one leaves the trial out
 * @returns {{ index: number, number: number, score: number, kept: boolean, x: number, y: number }[]}
 */
export function scoredPoints({ store, keeps }, placesOf) {
  const points = [];
  for (let index = 0; index < store.size; index += 1) {
    const score = store.own.score[index];
    if (store.own.state[index] !== "completed" || score === null || !Number.isFinite(score) || store.own.set_aside?.[index]) continue;
    const [x, y] = placesOf(index);
    if (x === null || y === null) continue;
    points.push({ index, number: store.own.number[index], score, kept: keeps(index), x, y });
  }
  return points;
}

/** The same answer for the same report: a chart, its table and its note ask for the same points. */
export function oncePerReport(make) {
  const made = new WeakMap();
  return (report) => {
    if (!made.has(report)) made.set(report, make(report));
    return made.get(report);
  };
}

/** From 0, the worst, to 1, the best; equal scores share their mean rank. */
export function ranks(scores, direction) {
  const sign = direction === "minimize" ? -1 : 1;
  const order = [...scores.keys()].sort((a, b) => sign * (scores[a] - scores[b]));
  const found = scores.map(() => 0.5);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && scores[order[end + 1]] === scores[order[start]]) end += 1;
    const rank = order.length > 1 ? (start + end) / 2 / (order.length - 1) : 0.5;
    for (let place = start; place <= end; place += 1) found[order[place]] = rank;
    start = end + 1;
  }
  return found;
}

/** The score's axis; the worst twentieth may fall out when it would squeeze the rest. */
export const rangeOf = (points, store) => scoreRange(points.map(({ score }) => score), store.direction);
export const within = (range, score) => Math.min(range.high, Math.max(range.low, score));

export const quantile = (sorted, share) => {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (place - low);
};

/** Words of a trial's point: score, then the values that place it. */
export function pointWords(store, index, keys) {
  const { score, spread } = { score: store.own.score[index], spread: store.own.spread?.[index] };
  const values = keys.map(([key, label]) => `${label} ${full(store.at(key, index))}`);
  return [`${full(score)}${spread ? ` ± ${full(spread)}` : ""}`, ...values];
}

/**
 * Squares of a grid with how many points lie in each, where points would be one block.
 * @returns {{ x: number, y: number, width: number, height: number, n: number, kept: number, index: number }[]}
 */
export function density(points, { low, high }, columns = 60, rows = 40) {
  const cells = new Map();
  for (const point of points) {
    const column = Math.min(columns - 1, Math.floor(point.x * columns));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((point.y - low) / (high - low || 1)) * rows)));
    const key = row * columns + column;
    const cell = cells.get(key) ?? { x: (column + 0.5) / columns, y: low + ((row + 0.5) / rows) * (high - low), width: 1 / columns, height: (high - low) / rows, n: 0, kept: 0, index: point.index };
    cell.n += 1;
    cell.kept += Number(point.kept);
    cells.set(key, cell);
  }
  return [...cells.values()];
}
