/** A metric after each epoch, a line for each trial. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { full, thousands } from "../lib/format.js";
import { faded, trialColour, trialDash } from "../lib/palette.js";
import { axisRange, axisTitle, coreRange, meanEnds, placeWords, readAxis } from "./curve-axes.js";
import { endLabel } from "./plugins.js";
import { quantile } from "./seen-trials.js";

const MOST_POINTS = 500;
export const MOST_LABELS = 6;
export const ALIGNED = { left: 64, right: 116 }; // pixels beside the plots of charts that share an axis
const NARROW = 420; // pixels of a chart on a phone: words at the ends of lines would take a third of it

/** Chart.js's scriptable padding of charts that share an axis. */
export const alignedPadding = ({ chart }) => ({ right: chart.width < NARROW ? 12 : ALIGNED.right, top: 6 });

/** Exponential smoothing that starts at the first value and steps over gaps. */
export function smoothed(values, weight) {
  let last = null;
  return values.map((value) => {
    if (value === null) return null;
    last = last === null ? value : weight * last + (1 - weight) * value;
    return last;
  });
}

/** Mean, median, least and greatest over executions at each epoch; epochs that none reached are left out. */
export function overExecutions(lists) {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, epoch) => {
    const known = lists.map((list) => list[epoch]).filter((value) => value !== null && value !== undefined);
    if (!known.length) return { mean: null, median: null, low: null, high: null };
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return { mean, median: quantile([...known].sort((a, b) => a - b), 0.5), low: Math.min(...known), high: Math.max(...known) };
  });
}

const thin = (points) => {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, index) => points[Math.round(index * step)]);
};

/**
 * Epochs that were not reported: no metric has a value there, and a later one has. A script may report some epochs only;
 * what diverges stays without a value up to its end.
 */
export function unreported({ metrics, epochs }) {
  const lists = Object.values(metrics);
  const hasValue = (epoch) => lists.some((list) => (list[epoch] ?? null) !== null);
  const found = new Set();
  let isFollowed = false;
  for (let epoch = epochs - 1; epoch >= 0; epoch -= 1) {
    if (hasValue(epoch)) isFollowed = true;
    else if (isFollowed) found.add(epoch);
  }
  return found;
}

/** Series by trial from execution curves. `name` tells one trial from another of the same number. */
export function trialSeries(curves, metric) {
  const groups = new Map();
  for (const curve of curves) {
    const key = curve.key ?? String(curve.trial);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(curve);
  }
  return [...groups.values()].map((executions) => {
    const lists = executions.map((curve) => curve.metrics[metric] ?? []);
    const epochs = Math.max(0, ...executions.map((curve) => curve.epochs));
    const [first] = executions;
    return {
      trial: first.trial,
      key: first.key,
      colour: first.colour ?? first.trial,
      dash: first.dash ?? first.trial,
      label: first.label ?? `Trial ${first.trial}`,
      lists,
      unreported: executions.map(unreported),
      epochs,
      planned: Math.max(...executions.map((curve) => curve.planned ?? 0)),
      isRunning: executions.some((curve) => curve.trial_state === "running"),
      ends: meanEnds(executions),
      points: overExecutions(lists),
    };
  });
}

/**
 * @param {{ curves: ReportJson[], metric: string }} report
 * @param {Theme} theme
 * @param {{ axis?: string, scale?: string, smoothing?: string, over?: string, range?: string, isSmall?: boolean, isAligned?: boolean }} options
 *   axis: epoch or time, with "-log" for a log axis. over: mean or median of the executions, with "-lines" for each of
 *   them as well. range: "core" leaves outliers out of the scale. isAligned: another chart stands below on the same axis
 */
export function learningCurvesConfig({ curves, metric }, theme, options = {}) {
  const series = trialSeries(curves, metric).filter(({ lists }) => lists.some((list) => list.length));
  const weight = Number(options.smoothing ?? 0);
  const { isSmall, isAligned, over = "mean" } = options;
  const asked = readAxis(options.axis);
  const byTime = asked.byTime && series.every((each) => each.ends.at(-1) > 0);
  const isLog = options.scale === "logarithmic";
  const middle = over.startsWith("median") ? "median" : "mean";
  const how = { weight, byTime, isSmall, isLog, middle, hasLines: over.endsWith("-lines"), isCrowd: series.length > MOST_LABELS };
  /** @type {Dataset[]} */
  const datasets = series.flatMap((each) => lines(each, theme, how));
  datasets.push(...diverged(series, theme, how));
  const core = options.range === "core" ? coreRange(shownValues(series, isLog)) : null;
  const base = frame(theme);
  base.interaction = { mode: "index", intersect: false, axis: "x" };
  base.plugins.tooltip.mode = "nearest";
  base.plugins.tooltip.axis = "x";
  base.plugins.tooltip.filter = (item) => item.dataset.isMain === true;
  base.plugins.tooltip.itemSort = (a, b) => b.raw.y - a.raw.y;
  base.plugins.tooltip.callbacks = {
    title: (items) => (items.length ? placeWords(items[0].raw.x, byTime) : ""),
    label: (item) => ` ${item.dataset.label} · ${full(item.raw.raw)}`,
  };
  const labels = series.length <= MOST_LABELS && !options.isSmall;
  const longest = Math.max(0, ...series.map(({ label }) => endLabel(label, 0.1234).length));
  base.layout = { padding: isAligned ? alignedPadding : { right: labels ? 36 + 6.2 * longest : 8, top: 6 } };
  base.plugins.endLabels = { isOn: labels, ink: theme.ink };
  base.plugins.crosshair = { colour: theme.ink2, isOn: !options.isSmall };
  base.scales = {
    x: axis(theme, {
      title: isSmall ? "" : axisTitle({ byTime }),
      type: asked.isLog ? "logarithmic" : "linear",
      integer: !byTime,
      grid: false,
      ...axisRange(curves, { byTime, isLog: asked.isLog, isAligned }),
    }),
    y: axis(theme, { title: isSmall ? "" : metric, type: options.scale ?? "linear", min: core?.min, max: core?.max }),
  };
  if (isAligned) base.scales.y.afterFit = (scale) => (scale.width = ALIGNED.left);
  if (options.isSmall) base.scales.y.ticks.maxTicksLimit = 4;
  return { type: "line", data: { datasets }, options: base };
}

const shownValues = (series, isLog) => series.flatMap(({ lists }) => lists.flat().filter((value) => value !== null && !(isLog && value <= 0)));

/** What the scale leaves out, in words; empty where it shows all. */
export function curveNote({ curves, metric }, { scale, range } = /** @type {Options} */ ({})) {
  const series = trialSeries(curves, metric);
  const isLog = scale === "logarithmic";
  const words = [];
  const low = isLog ? series.flatMap(({ lists }) => lists.flat()).filter((value) => value !== null && value <= 0).length : 0;
  if (low) words.push(`${thousands(low)} value${low === 1 ? "" : "s"} at or below 0 not shown on the log axis`);
  const core = range === "core" ? coreRange(shownValues(series, isLog)) : null;
  if (core) words.push(`${thousands(core.cut)} outlier${core.cut === 1 ? "" : "s"} beyond the axis`);
  return words.join(" · ");
}

function lines(each, theme, { weight, byTime, isSmall, isCrowd, isLog, middle, hasLines }) {
  const colour = isSmall ? theme.states.running : trialColour(theme, each.colour);
  const at = (epoch) => (byTime ? each.ends[epoch - 1] : epoch);
  const mean = each.points.map((point) => point[middle]);
  const shown = weight ? smoothed(mean, weight) : mean;
  const curve = (values, raw = values) =>
    thin(values.map((y, index) => ({ x: at(index + 1), y, raw: raw[index] })).filter(({ y }) => y !== null && !(isLog && y <= 0)));
  const base = { pointRadius: 0, pointHitRadius: 6, borderColor: colour, borderWidth: 1.8, tension: 0 };
  const main = {
    ...base,
    label: each.label,
    trial: each.trial,
    key: each.key,
    isMain: true,
    data: curve(shown, mean),
    backgroundColor: colour,
    borderDash: isSmall ? [] : trialDash(each.dash),
    pointRadius: mean.length === 1 ? 3 : 0,
    clip: 6, // a lone first epoch stands on the axis and is drawn whole
    pointHoverRadius: 4,
  };
  /** @type {Dataset[]} */
  const found = [main];
  if (weight) found.push({ ...base, label: "raw", data: curve(mean), borderColor: faded(colour, 0.25), borderWidth: 1 });
  if (each.lists.length > 1 && !isSmall && !isCrowd) {
    const band = { ...base, borderWidth: 0, backgroundColor: faded(colour, 0.14) };
    found.push({ ...band, label: "greatest", data: curve(each.points.map((p) => p.high)) });
    found.push({ ...band, label: "least", fill: "-1", data: curve(each.points.map((p) => p.low)) });
  }
  if (hasLines && each.lists.length > 1) {
    const single = { ...base, label: "execution", borderColor: faded(colour, 0.55), borderWidth: 1 };
    found.push(...each.lists.map((list) => ({ ...single, data: curve(list) })));
  }
  if (isSmall) {
    const pale = { ...base, borderColor: faded(colour, 0.4), borderWidth: 1.2 };
    const begun = each.lists.filter((list) => list.length);
    found.push(...begun.slice(0, -1).map((list) => ({ ...pale, label: "earlier", data: curve(list) })));
    main.data = curve(begun.at(-1));
  }
  return found;
}

/** Diverged epochs as crosses on the line's last finite height: never a silent gap. */
function diverged(series, theme, { byTime, isLog }) {
  const floor = isLog ? shownValues(series, true).reduce((least, value) => Math.min(least, value), 1) : 0;
  const data = series.flatMap((each) => {
    let height = null;
    return each.lists.flatMap((list, execution) =>
      list.flatMap((value, index) => {
        if (value !== null && !(isLog && value <= 0)) height = value;
        const y = height ?? floor;
        const isReported = !each.unreported[execution].has(index);
        return value === null && isReported ? [{ x: byTime ? each.ends[index] : index + 1, y, raw: null }] : [];
      }),
    );
  });
  if (!data.length) return [];
  return [{ type: "scatter", label: "diverged (NaN)", data, pointStyle: "crossRot", pointRadius: 4, borderColor: theme.states.failed, borderWidth: 1.6 }];
}

/** The chart as a table: a row an epoch, a column an execution. */
export function learningCurvesRows({ curves, metric }) {
  const shown = curves.filter((curve) => (curve.metrics[metric] ?? []).length);
  const name = (curve) => {
    const label = curve.label ?? `Trial ${curve.trial}`;
    const several = shown.filter((other) => (other.key ?? other.trial) === (curve.key ?? curve.trial)).length > 1;
    return several ? `${label} execution ${curve.index + 1}` : label;
  };
  const length = Math.max(0, ...shown.map((curve) => curve.metrics[metric].length));
  const heads = ["Epoch", ...shown.map(name)];
  const left = shown.map(unreported);
  const cell = (curve, index, epoch) => {
    const isThere = epoch < curve.metrics[metric].length && !left[index].has(epoch);
    return isThere ? (curve.metrics[metric][epoch] ?? "NaN") : null;
  };
  const rows = Array.from({ length }, (_, epoch) => [epoch + 1, ...shown.map((curve, index) => cell(curve, index, epoch))]);
  return [heads, ...rows];
}
