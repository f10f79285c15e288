/** The chosen method's regret beside Auto's and random search's. Pure: record to Chart.js config. */
import { axis, frame } from "./scales.js";
import { full } from "../lib/format.js";
import { faded } from "../lib/palette.js";
import { endLabel } from "./plugins.js";

const BESIDE = ["auto", "random"]; // what every method is held against
const DASHES = { auto: [7, 3], random: [2, 3] };

const points = (trials, values) =>
  trials.map((x, index) => ({ x, y: values[index] })).filter(({ y }) => y !== null && y !== undefined);

/** Which lines are drawn, the chosen one last so that it lies on top. */
export function drawn(curves, chosen) {
  return [...BESIDE.filter((slug) => slug !== chosen), chosen].filter((slug) => curves[slug]);
}

/** Where a logarithmic axis begins; 0: it can't be one, as a median is 0. */
export function floorOf(curves, slugs) {
  const least = Math.min(...slugs.flatMap((slug) => curves[slug].median.filter((value) => value !== null)));
  if (!Number.isFinite(least) || least <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(least / 2));
  return Math.floor(least / 2 / power) * power;
}

/**
 * @param {{ trials: number[], labels: Record<string, string>, curves: Record<string, ReportJson>, chosen: string }} report
 * @param {Theme} theme
 * @param {{ isNarrow?: boolean }} options isNarrow: names stand below the lines, not at their ends
 */
export function strategyRegretConfig({ trials, labels, curves, chosen }, theme, options = {}) {
  const slugs = drawn(curves, chosen);
  const floor = floorOf(curves, slugs);
  const line = { type: "line", pointRadius: 0, pointHitRadius: 6, tension: 0 };
  const datasets = slugs.flatMap((slug) => {
    const isChosen = slug === chosen;
    const colour = isChosen ? theme.accent : theme.ink2;
    /** @type {Dataset} */
    const main = {
      ...line,
      label: labels[slug],
      isMain: true,
      data: points(trials, curves[slug].median),
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: isChosen ? 3 : 1.4,
      borderDash: isChosen ? [] : DASHES[slug],
    };
    if (!isChosen) return [main];
    const band = { ...line, borderWidth: 0, pointHitRadius: 0, backgroundColor: faded(theme.accent, 0.14) };
    return [
      main,
      { ...band, label: "high", data: points(trials, curves[slug].high) },
      { ...band, label: "low", fill: "-1", data: points(trials, curves[slug].low).map(({ x, y }) => ({ x, y: Math.max(y, floor) })) },
    ];
  });
  const base = frame(theme);
  base.interaction = { mode: "index", intersect: false, axis: "x" };
  base.plugins.tooltip.filter = (item) => item.dataset.isMain === true;
  base.plugins.tooltip.callbacks = {
    title: (items) => (items.length ? `After ${items[0].raw.x} trials` : ""),
    label: (item) => ` ${item.dataset.label} · ${full(item.raw.y)}`,
  };
  const longest = Math.max(0, ...slugs.map((slug) => endLabel(labels[slug], 0.1234).length));
  base.layout = { padding: { right: options.isNarrow ? 8 : 36 + 6.2 * longest, top: 6 } };
  base.plugins.endLabels = { isOn: !options.isNarrow, ink: theme.ink };
  base.plugins.legend = {
    display: Boolean(options.isNarrow),
    position: "bottom",
    onClick: () => {},
    labels: {
      filter: ({ datasetIndex }) => datasets[datasetIndex].isMain === true,
      color: theme.ink,
      font: { family: theme.font, size: 11 },
      boxHeight: 0, // a stroke, with its dashes
      boxWidth: 22,
    },
  };
  base.plugins.crosshair = { colour: theme.ink2, isOn: true };
  base.scales = {
    x: axis(theme, { title: "Trials", integer: true, grid: false, min: trials[0], max: trials.at(-1) }),
    y: axis(theme, { title: "Regret", min: floor, type: floor ? "logarithmic" : "linear" }),
  };
  return { type: "line", data: { datasets }, options: base };
}

/** Every recorded method as a table, the median after each number of trials. */
export function strategyRegretRows({ trials, labels, curves }) {
  const known = Object.keys(labels).filter((slug) => curves[slug]);
  return [["Trials", ...known.map((slug) => labels[slug])], ...trials.map((count, index) => [count, ...known.map((slug) => curves[slug].median[index] ?? null)])];
}
