/** Axes of parallel coordinates: where a value lies on each, 0 at the bottom and 1 at the top. Pure. */
import { niceStep, scoreRange } from "./best-so-far.js";
import { tick } from "./scales.js";
import { plain } from "../lib/format.js";

const WIDE = 100; // numbers of our own that span more than this read better on a log scale
const MOST_LABELS = 9;

/**
 * @typedef {object} Axis
 * @property {string} key of its column
 * @property {string} label
 * @property {"number"|"category"} kind
 * @property {"linear"|"log"|"reverse_log"} scale of a number axis
 * @property {number} low @property {number} high ends of a number axis
 * @property {(string|number|boolean|null)[]} choices of a category axis, the first at the bottom
 * @property {boolean} isWhole whether its numbers are whole
 * @property {boolean} isFlipped
 * @property {boolean} canBeLog
 * @property {boolean} hasGaps whether some trial has no value here
 * @property {string} usual the scale that it has unless a person chose another
 * @property {string} without words for a trial that has no value here
 */

/**
 * @param {{ key: string, label: string, hyper: boolean, text: boolean }} column
 * @param {ReportJson|undefined} row of the search space
 * @param {import("../lib/trial-store.js").TrialStore} store
 * @param {{ scale?: string, isFlipped?: boolean }} choice what a person chose for it
 * @returns {Axis}
 */
export function makeAxis(column, row, store, { scale, isFlipped = false } = {}) {
  const values = present(store, column.key);
  const base = { key: column.key, label: column.label, isFlipped, hasGaps: values.length < store.size, without: column.hyper ? "not active" : "none" };
  if (isCategory(column, row, values)) {
    return { ...base, kind: "category", scale: "linear", low: 0, high: 1, isWhole: false, canBeLog: false, usual: "linear", choices: choicesOf(row, values) };
  }
  const [low, high] = ends(column, row, values, store);
  const canBeLog = low > 0 && high > low;
  const usual = row?.scale ?? (canBeLog && !column.hyper && column.key !== "score" && high / low > WIDE ? "log" : "linear");
  const chosen = scale ?? usual;
  return {
    ...base,
    kind: "number",
    scale: chosen === "linear" || canBeLog ? chosen : "linear",
    usual,
    low,
    high,
    isWhole: row ? row.type === "int" || Number.isInteger(row.value) : values.every(Number.isInteger),
    canBeLog,
    choices: [],
  };
}

function present(store, key) {
  const column = store.own[key] ?? store.values[key] ?? [];
  return column.filter((value) => value !== null && value !== undefined && !(typeof value === "number" && !Number.isFinite(value)));
}

function isCategory(column, row, values) {
  if (row?.type === "choice" || row?.type === "boolean" || column.text) return true;
  return values.some((value) => typeof value !== "number");
}

/** The space's choices in their order, then what trials of an earlier space had. */
function choicesOf(row, values) {
  const listed = row?.type === "boolean" ? [false, true] : (row?.choices ?? []);
  return [...new Set([...listed, ...values])];
}

function ends(column, row, values, store) {
  if (column.key === "score") {
    const { low, high } = scoreRange(values, store.direction);
    return [low, high];
  }
  let [low, high] = [row?.min ?? Infinity, row?.max ?? -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low <= high ? [low, high] : [0, 1];
}

/** From 0 to 1 along the axis, flips not looked at; null without a value. @param {Axis} axis */
export function placeOf(axis, value) {
  if (value === null || value === undefined) return null;
  if (axis.kind === "category") {
    const index = axis.choices.indexOf(value);
    return index < 0 ? null : (index + 0.5) / axis.choices.length;
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  return Math.min(1, Math.max(0, toUnit(value, axis)));
}

function toUnit(value, { low, high, scale }) {
  if (high <= low) return 0.5;
  if (scale === "log") return Math.log(Math.max(value, low) / low) / Math.log(high / low);
  if (scale === "reverse_log") return 1 - Math.log(Math.max(high + low - value, low) / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** The number at a place of a number axis. @param {Axis} axis @param {number} unit */
export function numberAt({ low, high, scale }, unit) {
  if (high <= low) return low;
  if (scale === "log") return low * (high / low) ** unit;
  if (scale === "reverse_log") return high + low - low * (high / low) ** (1 - unit);
  return low + unit * (high - low);
}

/** The place on the screen's scale: a flipped axis has its low end at the top. */
export const shown = (axis, unit) => (axis.isFlipped ? 1 - unit : unit);

/**
 * Labels of an axis, at most nine; the rest of many choices is shown on hover.
 * @param {Axis} axis @param {number} [most]
 * @returns {{ unit: number, text: string }[]}
 */
export function ticksOf(axis, most = MOST_LABELS) {
  if (axis.kind === "category") {
    const every = Math.max(1, Math.ceil(axis.choices.length / most));
    return axis.choices.flatMap((choice, index) => (index % every ? [] : [{ unit: placeOf(axis, choice), text: short(plain(choice)) }]));
  }
  if (axis.high <= axis.low) return [{ unit: 0.5, text: plain(axis.low) }];
  const values = axis.scale === "log" ? powers(axis) : rounds(axis);
  return values.map((value) => ({ unit: placeOf(axis, value), text: tick(value) }));
}

const clean = (value) => Number(value.toPrecision(12));

function rounds({ low, high, isWhole }) {
  const step = Math.max(niceStep((high - low) / 5), isWhole ? 1 : 0);
  const first = Math.ceil(low / step - 1e-9);
  const found = [];
  for (let index = first; index * step <= high + step * 1e-9; index += 1) found.push(clean(index * step));
  return found.length > 1 ? found : [low, high];
}

/** Powers of ten; with fewer than two decades also twice and five times those. */
function powers({ low, high }) {
  const decades = Math.log10(high / low);
  const factors = decades < 2.2 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / MOST_LABELS));
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power += every) {
    for (const factor of factors) {
      const value = clean(factor * 10 ** power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
    }
  }
  return found.length > 1 ? found : [low, high];
}

/** A label that leaves its neighbours room. */
export function short(text, most = 16) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}
