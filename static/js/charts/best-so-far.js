/** The score of every trial in order, and the best so far as a step line. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { duration, full, thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

// A state is shown by shape and colour.
const SHAPES = {
  completed: { pointStyle: "circle", size: 4 },
  pruned: { pointStyle: "triangle", size: 4.5 },
  stopped: { pointStyle: "rect", size: 3.5 },
  failed: { pointStyle: "crossRot", size: 4.5 },
  running: { pointStyle: "circle", size: 4 },
  paused: { pointStyle: "rectRot", size: 4 },
};
const MANY = 600;
const CROWD = 2000; // points without an edge then: where many lie, it is darker

/** Running best after each completed trial. */
export function bestSteps(store) {
  const sign = store.direction === "minimize" ? 1 : -1;
  const steps = [];
  let best = null;
  const order = [...store.own.number.keys()].sort((a, b) => store.own.number[a] - store.own.number[b]);
  for (const index of order) {
    const score = store.own.score[index];
    if (store.own.state[index] !== "completed" || score === null || store.own.set_aside?.[index]) continue;
    if (best === null || sign * score < sign * best.y) {
      best = { x: store.own.number[index], y: score, spread: store.own.spread[index] ?? 0 };
      steps.push(best);
    }
  }
  const last = order.length ? store.own.number[order.at(-1)] : 0;
  if (best && last > best.x) steps.push({ ...best, x: last });
  return steps;
}

/** The nearest step of 1, 2 or 5 times a power of ten. */
export function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.75) ?? 10);
}

const rounded = (value) => Number(value.toPrecision(10));

/** The y range: the worst twentieth may fall out when it would squeeze the rest; those are counted. */
export function scoreRange(scores, direction, extra = []) {
  const sorted = [...scores].sort((a, b) => a - b);
  if (!sorted.length) return { low: 0, high: 1, clipped: 0 };
  const cut = Math.floor(sorted.length / 20);
  let [low, high] = [sorted[0], sorted.at(-1)];
  const [trimLow, trimHigh] = [sorted[cut], sorted.at(-1 - cut)];
  const fence = direction === "maximize" ? trimLow - 1.5 * (high - trimLow) : trimHigh + 1.5 * (trimHigh - low);
  if (direction === "maximize") low = sorted.find((score) => score >= fence);
  else high = sorted.findLast((score) => score <= fence);
  const clipped = sorted.filter((score) => score < low || score > high).length;
  for (const value of extra) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const step = niceStep((high - low || Math.abs(high) || 1) / 5);
  const room = (high - low) * 0.04 || step / 2; // equal scores lie in the middle
  const wide = [Math.floor((low - room) / step) * step, Math.ceil((high + room) / step) * step];
  return { low: Math.max(rounded(wide[0]), boundBelow(low)), high: Math.min(rounded(wide[1]), low < 0 || high > 0 ? boundAbove(high) : Infinity), clipped };
}

// Shares, losses and negated losses have ends that no score passes: the room around the scores stops there.
const boundBelow = (low) => (low >= 0 ? 0 : low >= -1 ? -1 : -Infinity);
const boundAbove = (high) => (high <= 0 ? 0 : high <= 1 ? 1 : Infinity);

/** Where a log axis begins whose linear one begins at 0: below the least score, which is positive. Null: one is not. A nice step may be nearly twice what is asked for. */
function belowOnLog(scores) {
  const least = Math.min(...scores);
  return least > 0 ? niceStep(least * 0.4) : null;
}

/** What stands below the chart: trials at the axis, and clipped ones. */
export function axisNote(store) {
  const { atAxis, range } = placed(store, []);
  const notes = [];
  if (atAxis) notes.push(`${thousands(atAxis)} without a score, drawn at the axis`);
  if (range.clipped) notes.push(`${thousands(range.clipped)} beyond the axis`);
  return notes.join(" · ");
}

/** A trial's score; without one, what it had where the pruner last judged it. */
function heightOf(store, index) {
  return store.own.score[index] ?? store.own.at_last_rung?.[index] ?? null;
}

/** @param {TrialStore} store @param {number[]} extra @param {{ keeps?: (index: number) => boolean, scale?: string }} [how] */
function placed(store, extra, { keeps = () => true, scale = "linear" } = {}) {
  const scores = [...store.own.number.keys()].map((index) => heightOf(store, index)).filter((score) => score !== null);
  const range = scoreRange(scores, store.direction, extra);
  if (scale === "logarithmic" && range.low <= 0) range.low = belowOnLog([...scores, ...extra]) ?? range.low;
  const floor = store.direction === "minimize" ? range.high : range.low;
  const points = Object.fromEntries(Object.keys(SHAPES).map((state) => [state, []]));
  const others = [];
  let atAxis = 0;
  for (let index = 0; index < store.size; index += 1) {
    const score = heightOf(store, index);
    const state = store.own.state[index];
    if (!points[state] || store.own.set_aside?.[index]) continue;
    if (score === null && state !== "running") atAxis += 1;
    const y = score === null ? floor : Math.min(range.high, Math.max(range.low, score));
    (keeps(index) ? points[state] : others).push({ x: store.own.number[index], y, index });
  }
  return { points, others, range, atAxis };
}

/**
 * @param {{ store: import("../lib/trial-store.js").TrialStore, target?: number|null, keeps?: (index: number) => boolean }} report
 *   keeps: which trials the selection holds; the others stand pale behind them
 * @param {Theme} theme
 * @param {{ scale?: string }} options
 */
export function bestSoFarConfig({ store, target = null, keeps }, theme, options = {}) {
  const { points, others, range } = placed(store, target === null ? [] : [target], { keeps, scale: options.scale });
  const steps = bestSteps(store);
  const band = steps.some((step) => step.spread > 0);
  const many = store.size > MANY;
  const crowd = store.size > CROWD;
  const line = { type: "line", stepped: "before", pointRadius: 0, pointHitRadius: 0, borderWidth: 2 };
  /** @type {Dataset[]} */
  const datasets = Object.entries(SHAPES).map(([state, shape]) => ({
    type: "scatter",
    label: state,
    state,
    data: points[state],
    pointStyle: shape.pointStyle,
    pointRadius: crowd ? (state === "completed" ? 1.6 : 2.6) : many ? 2 : shape.size,
    pointHoverRadius: shape.size + 2,
    borderColor: theme.states[state],
    backgroundColor: state === "running" ? theme.panel : faded(theme.states[state], 0.35),
    borderWidth: crowd && state !== "failed" ? 0 : many ? 1 : 1.4,
    clip: 8, // points on the axis are drawn whole
  }));
  if (others.length) datasets.push({ type: "scatter", label: "filtered out", data: others, pointRadius: crowd ? 1.2 : 2, borderWidth: 0, backgroundColor: faded(theme.ink2, 0.22), order: 9 });
  datasets.push({ ...line, label: "Best so far", data: steps, borderColor: theme.accent });
  if (band) {
    const fill = { ...line, borderWidth: 0, backgroundColor: faded(theme.accent, 0.14) };
    datasets.push({ ...fill, label: "upper", data: steps.map((s) => ({ x: s.x, y: s.y + s.spread })) });
    datasets.push({ ...fill, label: "lower", fill: "-1", data: steps.map((s) => ({ x: s.x, y: s.y - s.spread })) });
  }
  if (target !== null) {
    const ends = [0, Math.max(store.maxTrials, store.size)].map((x) => ({ x, y: target }));
    datasets.push({ ...line, stepped: false, label: "Target", data: ends, borderColor: theme.ink2, borderWidth: 1, borderDash: [5, 4] });
  }
  const base = frame(theme);
  base.plugins.tooltip.filter = (item) => item.dataset.state !== undefined;
  base.plugins.tooltip.callbacks = {
    title: (items) => (items.length ? `Trial ${items[0].raw.x}` : ""),
    label: (item) => describe(store, item.raw.index),
  };
  const logarithmic = options.scale === "logarithmic" && range.low > 0;
  base.scales = {
    x: axis(theme, { title: "Trial", integer: true, grid: false, min: 0, max: lastTick(store) }),
    y: axis(theme, {
      title: store.objective,
      min: range.low,
      max: range.high,
      type: logarithmic ? "logarithmic" : "linear",
    }),
  };
  base.scales.x.ticks.includeBounds = false; // the ends are no round numbers: a label there ran into its neighbour
  base.scales.y.ticks.includeBounds = false;
  return { type: "scatter", data: { datasets }, options: base };
}

/** The budget's last trial while it is near, so that the axis tells how much is left. */
function lastTick(store) {
  const last = store.size ? Math.max(...store.own.number.slice(-2000)) : 0;
  const end = store.maxTrials <= Math.max(20, 4 * last) ? store.maxTrials - 1 : Math.max(10, Math.ceil(last * 1.25));
  return Math.max(end, last, 1);
}

function describe(store, index) {
  const { score, spread, state, seconds, failure } = Object.fromEntries(
    ["score", "spread", "state", "time", "failure"].map((key) => [key === "time" ? "seconds" : key, store.at(key, index)]),
  );
  const judged = store.at("at_last_rung", index) ?? null;
  const unscored = judged === null ? "no score" : `${full(judged)} at its last rung`;
  const value = score === null ? unscored : full(score) + (spread ? ` ± ${full(spread)}` : "");
  const why = failure ? ` (${String(failure).replaceAll("_", " ")})` : "";
  return `${value} · ${state}${why} · ${duration(seconds)}`;
}

/** The chart as a table. */
export function bestSoFarRows({ store }) {
  const heads = ["Trial", "State", store.objective, "Std. dev.", "Best so far", "At its last rung"];
  const sign = store.direction === "minimize" ? 1 : -1;
  let best = null;
  const order = [...store.own.number.keys()].sort((a, b) => store.own.number[a] - store.own.number[b]);
  return [heads, ...order.map((index) => {
    const score = store.own.score[index];
    if (store.own.state[index] === "completed" && score !== null && !store.own.set_aside?.[index] && (best === null || sign * score < sign * best)) best = score;
    return [store.own.number[index], store.own.state[index], score, store.own.spread[index], best, store.at("at_last_rung", index) ?? null];
  })];
}
