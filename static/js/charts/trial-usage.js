/** What a trial's executions took of their machine, below their curve on the same axis. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { axisRange, axisTitle, epochAt, epochEnds, placeWords, readAxis } from "./curve-axes.js";
import { ALIGNED, alignedPadding } from "./learning-curves.js";
import { figures, full } from "../lib/format.js";
import { faded, trialColour, trialDash } from "../lib/palette.js";

const GIGA = 1e9;
/** kind -> its lanes: column, unit and what a number is divided by; a card's stands only where one was read. */
const LANES = {
  processor: [
    { column: "cores", title: "Cores in use", unit: "cores", by: 1 },
    { column: "gpu", title: "GPU (%)", unit: "% of the GPU", by: 0.01 },
  ],
  memory: [
    { column: "memory_bytes", title: "Memory (GB)", unit: "GB", by: GIGA },
    { column: "gpu_memory_bytes", title: "GPU memory (GB)", unit: "GB of the GPU", by: GIGA },
  ],
};

export const lanesOf = ({ executions, kind }) => LANES[kind].filter(({ column }) => executions.some(({ usage }) => usage[column]));

/** A stretch's value stands at its end; the first one's also at the beginning. */
function pointsOf({ usage, ...execution }, { column, by }, { byTime, isLog }) {
  const ends = epochEnds(/** @type {ReportJson} */ (execution));
  const place = (seconds) => (byTime ? seconds : epochAt(ends, seconds));
  const values = usage[column] ?? [];
  const points = values.map((value, index) => ({ x: place(usage.seconds[index]), y: value / by, seconds: usage.seconds[index] }));
  return [...(points.length ? [{ ...points[0], x: 0 }] : []), ...points].filter(({ x }) => !isLog || x > 0);
}

/** @param {{ executions: ReportJson[], planned: number, kind: "processor"|"memory", trial: number }} report */
export function trialUsageConfig(report, theme, options = {}) {
  const { executions, planned, trial } = report;
  const asked = readAxis(options.axis);
  const several = executions.length > 1;
  const lanes = lanesOf(report);
  const datasets = lanes.flatMap((lane, at) =>
    executions.map((execution) => {
      const colour = trialColour(theme, several ? execution.index : trial);
      const data = pointsOf(execution, lane, asked);
      const dash = several ? trialDash(execution.index) : [];
      const look = { borderColor: colour, backgroundColor: faded(colour, 0.1), borderWidth: 1.6, borderDash: dash, pointHitRadius: 6, tension: 0 };
      const label = several ? `Execution ${execution.index + 1}` : `Trial ${trial}`;
      return { ...look, label, unit: lane.unit, data, yAxisID: `y${at || ""}`, pointRadius: data.length > 3 ? 0 : 2, fill: several ? false : "origin" };
    }),
  );
  const base = frame(theme);
  base.interaction = { mode: "nearest", intersect: false, axis: "x" };
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? placeWords(item.raw.x, asked.byTime) : ""),
    label: (item) => ` ${item.dataset.label} · ${full(item.raw.y)} ${item.dataset.unit}`,
  };
  base.plugins.crosshair = { colour: theme.ink2, isOn: true };
  base.layout = { padding: alignedPadding };
  const curves = executions.map((execution) => ({ ...execution, planned }));
  base.scales = {
    x: axis(theme, { title: axisTitle(asked), type: asked.isLog ? "logarithmic" : "linear", integer: !asked.byTime, grid: false, ...axisRange(curves, { ...asked, isAligned: true }) }),
  };
  lanes.forEach((lane, at) => {
    const own = axis(theme, { title: lane.title, min: 0 });
    own.ticks.maxTicksLimit = 4;
    // Lanes stand above each other, the first one on top.
    base.scales[`y${at || ""}`] = { ...own, stack: "lanes", offset: lanes.length > 1, weight: -at, afterFit: (scale) => (scale.width = ALIGNED.left) };
  });
  return { type: "line", data: { datasets }, options: base };
}

/** Every stretch of every execution, with both of the axes. */
export function trialUsageRows(report) {
  const lanes = lanesOf(report);
  const heads = ["Execution", "Until (s)", "Epoch", ...lanes.map(({ unit }) => unit)];
  const rows = report.executions.flatMap((execution) => {
    const ends = epochEnds(execution);
    const { usage } = execution;
    return usage.seconds.map((seconds, at) => [execution.index + 1, seconds, Number(epochAt(ends, seconds).toFixed(2)), ...lanes.map(({ column, by }) => (usage[column] ? usage[column][at] / by : null))]);
  });
  return [heads, ...rows];
}

/** Means weighed by the stretches' lengths for what is used up, the greatest for what is held. */
export function trialUsageNote(report) {
  return lanesOf(report)
    .map(({ column, unit, by }) => {
      const known = report.executions.filter(({ usage }) => usage[column]);
      if (report.kind === "memory") return `max. ${figures(Math.max(...known.flatMap(({ usage }) => usage[column])) / by, 3)} ${unit}`;
      let [sum, length] = [0, 0];
      for (const { usage } of known) {
        usage[column].forEach((value, at) => {
          const took = usage.seconds[at] - (at ? usage.seconds[at - 1] : 0);
          [sum, length] = [sum + value * took, length + took];
        });
      }
      return `${figures(length ? sum / length / by : 0, 3)} ${unit} on average`;
    })
    .join(" · ");
}
