/** Where parallel coordinates stand on the screen: axes, lanes, and a line for each trial. Pure. */
import { placeOf, shown, ticksOf } from "./parallel-axes.js";

const LEAST_GAP = 92; // pixels between two axes; a narrow screen scrolls
const SIDE = 58;
const LETTER = 6.5; // of a label
const TOP = 34;
const FOOT = 14;
const LANE = 30;

/**
 * @typedef {object} Layout
 * @property {number} width @property {number} height
 * @property {number[]} xs of the axes
 * @property {number} top @property {number} bottom of the axes
 * @property {number|null} lane height of those without a value; null: every trial has one everywhere
 */

/** @param {import("./parallel-axes.js").Axis[]} axes @param {number} room pixels @param {number} height @returns {Layout} */
export function layoutOf(axes, room, height) {
  const count = axes.length;
  const hasLane = axes.some(({ hasGaps }) => hasGaps);
  const longest = Math.max(0, ...(axes.length ? ticksOf(axes[0]) : []).map(({ text }) => [...text].length));
  const left = Math.max(SIDE, 12 + longest * LETTER);
  const width = Math.max(room, left + SIDE + LEAST_GAP * (count - 1));
  const gap = count > 1 ? (width - left - SIDE) / (count - 1) : 0;
  const xs = Array.from({ length: count }, (_, index) => (count > 1 ? left + index * gap : width / 2));
  const bottom = height - FOOT - (hasLane ? LANE : 0);
  return { width, height, xs, top: TOP, bottom, lane: hasLane ? height - FOOT : null };
}

/** @param {Layout} layout @param {number} unit shown on the screen: 1 is the top */
export const heightOf = ({ top, bottom }, unit) => bottom - unit * (bottom - top);
export const unitAt = ({ top, bottom }, y) => Math.min(1, Math.max(0, (bottom - y) / (bottom - top)));

/** Heights of every trial on every axis: trial by trial, axes.length numbers each. @returns {Float32Array} */
export function linesOf(store, axes, layout) {
  const found = new Float32Array(store.size * axes.length);
  axes.forEach((axis, at) => {
    const column = store.own[axis.key] ?? store.values[axis.key] ?? [];
    const places = axis.kind === "category" ? new Map(axis.choices.map((choice) => [choice, placeOf(axis, choice)])) : null;
    for (let index = 0; index < store.size; index += 1) {
      const value = column[index];
      const unit = places ? (places.get(value) ?? null) : placeOf(axis, value);
      found[index * axes.length + at] = unit === null ? layout.lane ?? layout.bottom : heightOf(layout, shown(axis, unit));
    }
  });
  return found;
}

/**
 * The line nearest to a point, among those that are asked for.
 * @param {{ layout: Layout, lines: Float32Array }} picture
 * @param {Iterable<number>} indices of trials
 * @param {number} x @param {number} y @param {number} within pixels
 * @returns {number} -1 without any
 */
export function nearestLine({ layout, lines }, indices, x, y, within = 8) {
  const { xs } = layout;
  const count = xs.length;
  let at = xs.findIndex((_, index) => index + 1 < count && x <= xs[index + 1]);
  if (at < 0) at = Math.max(0, count - 2);
  const next = Math.min(at + 1, count - 1);
  const span = xs[next] - xs[at] || 1;
  const part = Math.min(1, Math.max(0, (x - xs[at]) / span));
  let [found, least] = [-1, within];
  for (const index of indices) {
    const from = lines[index * count + at];
    const step = lines[index * count + next] - from;
    const distance = Math.abs(from + step * part - y) * (span / Math.hypot(span, step)); // across the line
    if (distance < least) [found, least] = [index, distance];
  }
  return found;
}

/** Which place an axis takes that was dragged to `x`. */
export function placeAt({ xs }, x) {
  let found = 0;
  xs.forEach((each, index) => {
    if (Math.abs(each - x) < Math.abs(xs[found] - x)) found = index;
  });
  return found;
}
