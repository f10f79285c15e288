/** Brushes of an axis as stretches from 0 to 1 on it, and what dragging makes of them. Pure. */
import { numberAt, placeOf } from "./parallel-axes.js";

const EDGE = 0.004; // this near to an end is the end, and what lies beyond it belongs to the brush
export const LEAST = 0.012; // of the axis; less is a click

/** @typedef {[number, number]} Stretch low and high end on the axis, flips not looked at */

/**
 * @param {import("./parallel-axes.js").Axis} axis
 * @param {import("../lib/brushes.js").Brush|undefined} brush
 * @returns {Stretch[]} in order
 */
export function stretchesOf(axis, brush) {
  if (!brush) return [];
  if (axis.kind === "category") {
    const half = 0.5 / axis.choices.length;
    const places = axis.choices.filter((choice) => holds(brush, choice)).map((choice) => placeOf(axis, choice));
    return merged(places.map((place) => [place - half, place + half]));
  }
  const ranges = brush.ranges ?? brush.choices.filter((value) => typeof value === "number").map((value) => /** @type {[number, number]} */ ([value, value]));
  return /** @type {Stretch[]} */ (ranges.flatMap(([low, high]) => {
    if (high < axis.low || low > axis.high) return [];
    const ends = [low, high].map((end) => (Number.isFinite(end) ? placeOf(axis, end) : Number(end > 0)));
    return [[ends[0] - bleed(axis, low), ends[1] + bleed(axis, high)].map((end) => Math.min(1, Math.max(0, end)))];
  }));
}

/** Whole numbers are brushed around their place, so that one alone can be seen. */
function bleed(axis, value) {
  if (!axis.isWhole || !Number.isFinite(value) || axis.high <= axis.low) return 0;
  return Math.min(0.02, Math.abs(placeOf(axis, Math.min(axis.high, value + 1)) - placeOf(axis, Math.max(axis.low, value - 1))) / 4);
}

/** @param {import("../lib/brushes.js").Brush} brush */
function holds({ ranges, choices }, value) {
  if (choices) return choices.includes(value);
  return typeof value === "number" && ranges.some(([low, high]) => low <= value && value <= high);
}

/**
 * @param {import("./parallel-axes.js").Axis} axis
 * @param {Stretch[]} stretches
 * @returns {import("../lib/brushes.js").Brush|null} null: nothing is left to brush, or all is
 */
export function brushOf(axis, stretches) {
  const whole = merged(stretches);
  if (!whole.length || whole.some(([low, high]) => low <= EDGE && high >= 1 - EDGE)) return null;
  if (axis.kind === "category") {
    const choices = axis.choices.filter((choice) => whole.some(([low, high]) => low <= placeOf(axis, choice) && placeOf(axis, choice) <= high));
    return choices.length && choices.length < axis.choices.length ? { choices } : null;
  }
  const ranges = whole.map(([low, high]) => /** @type {[number, number]} */ ([lowEnd(axis, low), highEnd(axis, high)])).filter(([low, high]) => low <= high);
  return ranges.length ? { ranges } : null;
}

function lowEnd(axis, unit) {
  if (unit <= EDGE) return -Infinity;
  const value = numberAt(axis, unit);
  return axis.isWhole ? Math.ceil(value - 1e-9) : Number(value.toPrecision(4));
}

function highEnd(axis, unit) {
  if (unit >= 1 - EDGE) return Infinity;
  const value = numberAt(axis, unit);
  return axis.isWhole ? Math.floor(value + 1e-9) : Number(value.toPrecision(4));
}

/** Stretches in order, those that touch made one. @param {Stretch[]} stretches */
export function merged(stretches) {
  const sorted = stretches.map(([a, b]) => [Math.min(a, b), Math.max(a, b)]).sort((a, b) => a[0] - b[0]);
  const found = [];
  for (const [low, high] of sorted) {
    const last = found.at(-1);
    if (last && low <= last[1] + 1e-9) last[1] = Math.max(last[1], high);
    else found.push([low, high]);
  }
  return found;
}

/** What a press at `unit` takes hold of. @param {Stretch[]} stretches @param {number} grip how near an end counts */
export function grabbed(stretches, unit, grip) {
  for (const [index, [low, high]] of stretches.entries()) {
    const reach = Math.min(grip, (high - low) / 3);
    if (Math.abs(unit - low) <= Math.max(reach, grip / 2)) return { index, part: "low" };
    if (Math.abs(unit - high) <= Math.max(reach, grip / 2)) return { index, part: "high" };
    if (low < unit && unit < high) return { index, part: "middle" };
  }
  return { index: stretches.length, part: "new" };
}

/**
 * @param {Stretch[]} stretches before the drag
 * @param {{ index: number, part: string }} grip
 * @param {number} from @param {number} to where the drag began and is now
 * @returns {Stretch[]}
 */
export function dragged(stretches, { index, part }, from, to) {
  const clip = (value) => Math.min(1, Math.max(0, value));
  if (part === "new") return merged([...stretches, [clip(from), clip(to)]]);
  const [low, high] = stretches[index];
  const others = stretches.filter((_, at) => at !== index);
  if (part === "low") return merged([...others, [clip(to), high]]);
  if (part === "high") return merged([...others, [low, clip(to)]]);
  const by = Math.min(1 - high, Math.max(-low, to - from));
  return merged([...others, [low + by, high + by]]);
}
