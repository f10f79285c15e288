/** A metric after each epoch, a line for each trial. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { figures } from "../lib/format.js";
import { faded, trialColour, trialDash } from "../lib/palette.js";
import { endLabel } from "./plugins.js";

const MOST_POINTS = 500;
export const MOST_LABELS = 6;

/** Exponential smoothing that starts at the first value and steps over gaps. */
export function smoothed(values, weight) {
  let last = null;
  return values.map((value) => {
    if (value === null) return null;
    last = last === null ? value : weight * last + (1 - weight) * value;
    return last;
  });
}

/** Mean, least and greatest over executions at each epoch; epochs that none reached are left out. */
export function overExecutions(lists) {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, epoch) => {
    const known = lists.map((list) => list[epoch]).filter((value) => value !== null && value !== undefined);
    if (!known.length) return { mean: null, low: null, high: null };
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return { mean, low: Math.min(...known), high: Math.max(...known) };
  });
}

const thin = (points) => {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, index) => points[Math.round(index * step)]);
};

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
    const seconds = executions.reduce((sum, curve) => sum + (curve.epochs ? curve.seconds / curve.epochs : 0), 0);
    const timed = executions.filter((curve) => curve.epochs).length;
    const [first] = executions;
    return {
      trial: first.trial,
      colour: first.colour ?? first.trial,
      dash: first.dash ?? first.trial,
      label: first.label ?? `Trial ${first.trial}`,
      lists,
      epochs,
      planned: Math.max(...executions.map((curve) => curve.planned ?? 0)),
      isRunning: executions.some((curve) => curve.trial_state === "running"),
      secondsPerEpoch: timed ? seconds / timed : 0,
      points: overExecutions(lists),
    };
  });
}

/**
 * @param {{ curves: object[], metric: string }} report
 * @param {object} theme
 * @param {{ axis?: string, scale?: string, smoothing?: string, isSmall?: boolean }} options
 */
export function learningCurvesConfig({ curves, metric }, theme, options = {}) {
  const series = trialSeries(curves, metric).filter(({ lists }) => lists.some((list) => list.length));
  const weight = Number(options.smoothing ?? 0);
  const byTime = options.axis === "time" && series.every((each) => each.secondsPerEpoch > 0);
  const datasets = series.flatMap((each) => lines(each, theme, { weight, byTime, isSmall: options.isSmall }));
  datasets.push(...diverged(series, theme, byTime));
  const planned = Math.max(0, ...curves.map((curve) => Math.max(curve.planned ?? 0, curve.epochs ?? 0)));
  const base = frame(theme);
  base.interaction = { mode: "index", intersect: false, axis: "x" };
  base.plugins.tooltip.mode = "nearest";
  base.plugins.tooltip.axis = "x";
  base.plugins.tooltip.filter = (item) => item.dataset.isMain === true;
  base.plugins.tooltip.itemSort = (a, b) => b.raw.y - a.raw.y;
  base.plugins.tooltip.callbacks = {
    title: (items) => (items.length ? (byTime ? `${figures(items[0].raw.x, 3)} s` : `Epoch ${items[0].raw.x}`) : ""),
    label: (item) => ` ${item.dataset.label} · ${figures(item.raw.raw)}`,
  };
  const labels = series.length <= MOST_LABELS && !options.isSmall;
  const longest = Math.max(0, ...series.map(({ label }) => endLabel(label, 0.1234).length));
  base.layout = { padding: { right: labels ? 36 + 6.2 * longest : 8, top: 6 } };
  base.plugins.endLabels = { isOn: labels, ink: theme.ink };
  base.plugins.crosshair = { colour: theme.ink2, isOn: !options.isSmall };
  base.scales = {
    x: axis(theme, {
      title: options.isSmall ? "" : byTime ? "Training time (s)" : "Epoch",
      integer: !byTime,
      grid: false,
      min: byTime ? 0 : 1,
      max: byTime ? undefined : Math.max(planned, 2),
    }),
    y: axis(theme, { title: options.isSmall ? "" : metric, type: options.scale ?? "linear" }),
  };
  if (options.isSmall) base.scales.y.ticks.maxTicksLimit = 4;
  return { type: "line", data: { datasets }, options: base };
}

function lines(each, theme, { weight, byTime, isSmall }) {
  const colour = isSmall ? theme.states.running : trialColour(theme, each.colour);
  const at = (epoch) => (byTime ? epoch * each.secondsPerEpoch : epoch);
  const mean = each.points.map((point) => point.mean);
  const shown = weight ? smoothed(mean, weight) : mean;
  const curve = (values, raw = values) =>
    thin(values.map((y, index) => ({ x: at(index + 1), y, raw: raw[index] })).filter(({ y }) => y !== null));
  const base = { pointRadius: 0, pointHitRadius: 6, borderColor: colour, borderWidth: 1.8, tension: 0 };
  const main = {
    ...base,
    label: each.label,
    trial: each.trial,
    isMain: true,
    data: curve(shown, mean),
    backgroundColor: colour,
    borderDash: isSmall ? [] : trialDash(each.dash),
    pointRadius: mean.length === 1 ? 3 : 0,
    clip: 6, // a lone first epoch stands on the axis and is drawn whole
    pointHoverRadius: 4,
  };
  const found = [main];
  if (weight) found.push({ ...base, label: "raw", data: curve(mean), borderColor: faded(colour, 0.25), borderWidth: 1 });
  if (each.lists.length > 1 && !isSmall) {
    const band = { ...base, borderWidth: 0, backgroundColor: faded(colour, 0.14) };
    found.push({ ...band, label: "greatest", data: curve(each.points.map((p) => p.high)) });
    found.push({ ...band, label: "least", fill: "-1", data: curve(each.points.map((p) => p.low)) });
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
function diverged(series, theme, byTime) {
  const data = series.flatMap((each) => {
    let height = null;
    return each.lists.flatMap((list) =>
      list.flatMap((value, index) => {
        if (value !== null) height = value;
        return value === null
          ? [{ x: byTime ? (index + 1) * each.secondsPerEpoch : index + 1, y: height ?? 0, raw: null }]
          : [];
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
  const rows = Array.from({ length }, (_, epoch) => [
    epoch + 1,
    ...shown.map((curve) => (epoch < curve.metrics[metric].length ? (curve.metrics[metric][epoch] ?? "NaN") : null)),
  ]);
  return [heads, ...rows];
}
