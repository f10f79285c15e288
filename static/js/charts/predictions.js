/** Plots of a trial's out-of-fold predictions. Pure: the report of predictions.json to Chart.js config. */
import { axis, frame } from "./scales.js";
import { figures, full, thousands } from "../lib/format.js";
import { faded, trialColour, trialDash } from "../lib/palette.js";

const pairs = (points) => points.map(([x, y]) => ({ x, y }));

function lineChart(lines, theme, { x, y, reference, name }) {
  const isAlone = lines.length === 1;
  const datasets = lines.map((line, index) => {
    const colour = isAlone ? theme.accent : trialColour(theme, index);
    return {
      type: "line",
      label: `${line.label} · ${figures(line.area, 3)}`,
      data: pairs(line.points),
      borderColor: colour,
      backgroundColor: colour,
      borderDash: isAlone ? [] : trialDash(index),
      borderWidth: isAlone ? 2.5 : 1.6,
      pointRadius: 0,
      pointHitRadius: 6,
      tension: 0,
    };
  });
  if (reference) datasets.push(dashed(theme, reference, "chance"));
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: () => "",
    label: ({ dataset, raw }) => ` ${dataset.label}: ${x.toLowerCase()} ${full(raw.x)}, ${y.toLowerCase()} ${full(raw.y)}`,
  };
  base.plugins.legend = legend(theme, name, (item) => item.text !== "chance");
  base.scales = { x: axis(theme, { title: x, min: 0, max: 1 }), y: axis(theme, { title: y, min: 0, max: 1 }) };
  return { type: "line", data: { datasets }, options: base };
}

const dashed = (theme, data, label) => ({
  type: "line",
  label,
  data,
  borderColor: theme.ink2,
  backgroundColor: theme.ink2,
  borderDash: [4, 4],
  borderWidth: 1,
  pointRadius: 0,
  pointHitRadius: 0,
  tension: 0,
});

const legend = (theme, title, filter) => ({
  display: true,
  position: "bottom",
  onClick: () => {},
  title: { display: Boolean(title), text: title, color: theme.ink2, font: { family: theme.font, size: 11 } },
  labels: { filter, color: theme.ink, font: { family: theme.font, size: 11 }, boxHeight: 0, boxWidth: 22 },
});

const DIAGONAL = [{ x: 0, y: 0 }, { x: 1, y: 1 }];
const drawnLines = (lines) => lines.filter(({ points }) => points.length);

export const rocConfig = ({ roc }, theme) =>
  lineChart(drawnLines(roc), theme, { x: "False positive rate", y: "True positive rate", reference: DIAGONAL, name: "Area under each curve" });

export const precisionRecallConfig = ({ precision_recall: lines }, theme) =>
  lineChart(drawnLines(lines), theme, { x: "Recall", y: "Precision", name: "Average precision", reference: null });

const lineRows = (lines, heads) => [["Class", ...heads], ...lines.flatMap(({ label, points }) => points.map((point) => [label, ...point]))];
export const rocRows = ({ roc }) => lineRows(roc, ["False positive rate", "True positive rate"]);
export const precisionRecallRows = ({ precision_recall: lines }) => lineRows(lines, ["Recall", "Precision"]);

export function calibrationConfig({ calibration }, theme) {
  const points = calibration.map(([x, y, n]) => ({ x, y, n }));
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: () => "",
    label: ({ raw }) => ` predicted ${full(raw.x)}, observed ${full(raw.y)} · ${thousands(raw.n)} rows`,
  };
  base.scales = {
    x: axis(theme, { title: "Predicted probability", min: 0, max: 1 }),
    y: axis(theme, { title: "Observed frequency", min: 0, max: 1 }),
  };
  const most = Math.max(1, ...points.map(({ n }) => n));
  const own = {
    type: "line",
    label: "bins",
    data: points,
    borderColor: theme.accent,
    backgroundColor: faded(theme.accent, 0.55),
    borderWidth: 1.6,
    pointRadius: points.map(({ n }) => 3 + 9 * Math.sqrt(n / most)),
    clip: false, // points at the edges are whole
    pointHitRadius: 6,
    tension: 0,
  };
  return { type: "line", data: { datasets: [own, dashed(theme, DIAGONAL, "perfect")] }, options: base };
}
export const calibrationRows = ({ calibration }) => [["Predicted", "Observed", "Rows"], ...calibration];

/** Points of target and something of the prediction, with the line where it would be perfect. */
function scatter({ targets, rows }, values, theme, { y, perfect }) {
  const points = targets.map((x, index) => ({ x, y: values[index], row: rows[index] }));
  const ends = [Math.min(...targets), Math.max(...targets)];
  const base = frame(theme);
  base.plugins.tooltip.callbacks = {
    title: () => "",
    label: ({ raw }) => (raw.row === undefined ? "" : ` row ${raw.row}: target ${full(raw.x)}, ${y.toLowerCase()} ${full(raw.y)}`),
  };
  base.scales = { x: axis(theme, { title: "Target" }), y: axis(theme, { title: y }) };
  const own = {
    type: "scatter",
    label: y,
    data: points,
    backgroundColor: faded(theme.accent, points.length > 500 ? 0.35 : 0.6),
    borderWidth: 0,
    pointRadius: points.length > 500 ? 2.5 : 3.5,
    pointHitRadius: 4,
  };
  return { type: "scatter", data: { datasets: [own, dashed(theme, ends.map((x) => ({ x, y: perfect(x) })), "perfect")] }, options: base };
}

const residuals = ({ targets, predictions }) => predictions.map((value, index) => value - targets[index]);

export const predictedConfig = (report, theme) => scatter(report, report.predictions, theme, { y: "Prediction", perfect: (x) => x });
export const residualConfig = (report, theme) => scatter(report, residuals(report), theme, { y: "Prediction − target", perfect: () => 0 });
export const predictedRows = ({ rows, targets, predictions }) => [["Row", "Target", "Prediction"], ...rows.map((row, index) => [row, targets[index], predictions[index]])];
export const residualRows = (report) => {
  const found = residuals(report);
  return [["Row", "Target", "Prediction − target"], ...report.rows.map((row, index) => [row, report.targets[index], found[index]])];
};

const plural = (count, word) => `${thousands(count)} ${word}${count === 1 ? "" : "s"}`;

/** What stands under every plot: how many rows, of what. */
export function poolNote({ n, executions, repeated, bad }) {
  const words = [`${plural(n, "validation row")} of ${plural(executions, "execution")}`];
  if (repeated) words.push(`${thousands(repeated)} validated more than once: mean prediction used`);
  if (bad) words.push(`${plural(bad, "prediction")} left out: not finite`);
  return words.join(" · ");
}

export const leftOutNote = ({ lines_left_out: count }) => (count ? `most frequent classes; ${thousands(count)} left out` : "");

/** Why a plot has nothing to draw; empty: it has. */
export function emptyWords({ n, bad, changed, roc }, kind) {
  if (changed) return changed;
  if (n === 0) return bad ? "No prediction is finite" : "No predictions are kept";
  if (kind === "roc" && drawnLines(roc).length === 0) return "All validation rows belong to one class; ROC needs two";
  return "";
}
