/** Several searches in one chart: the best score so far, and the distribution of scores. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { scoreRange } from "./best-so-far.js";
import { distributionSteps } from "./score-distribution.js";
import { full, thousands } from "../lib/format.js";
import { trialColour, trialDash } from "../lib/palette.js";

/** @typedef {{ name: string, objective: string, direction: string, n: number, last: number, steps: [number, number][], scores: number[], place: number }} Search */

const look = (search, theme) => ({
  label: search.name,
  borderColor: trialColour(theme, search.place),
  borderDash: trialDash(search.place),
  borderWidth: 2,
  pointRadius: 0,
  pointHitRadius: 6,
  stepped: "before",
});

function base(theme, searches, label) {
  const options = frame(theme);
  options.interaction = { mode: "nearest", axis: "x", intersect: false };
  options.plugins.legend = { display: true, position: "bottom", onClick: () => {}, labels: { color: theme.ink, font: { family: theme.font, size: 11 }, boxHeight: 0, boxWidth: 22, generateLabels: (chart) => legend(chart, searches) } };
  options.plugins.tooltip.callbacks = { title: () => "", label };
  return options;
}

function legend(chart, searches) {
  return chart.data.datasets.map((dataset, at) => ({
    text: `${short(dataset.label)} (${thousands(searches[at].n)})`,
    strokeStyle: dataset.borderColor,
    lineDash: dataset.borderDash,
    lineWidth: 2,
    fontColor: chart.options.plugins.legend.labels.color,
    datasetIndex: at,
  }));
}

const short = (name) => ([...name].length > 28 ? `${[...name].slice(0, 27).join("")}…` : name);

/** Where the best became better, and on to the last trial. @param {Search} search */
export function bestPoints({ steps, last }) {
  const points = steps.map(([x, y]) => ({ x, y }));
  if (points.length && last > points.at(-1).x) points.push({ x: last, y: points.at(-1).y });
  return points;
}

/** @param {{ searches: Search[] }} report those that have a score */
export function bestLinesConfig({ searches }, theme) {
  const [first] = searches;
  const range = scoreRange(searches.flatMap(({ steps }) => steps.map(([, score]) => score)), first.direction);
  const options = base(theme, searches, (item) => `${item.dataset.label}: best ${full(item.raw.y)} from trial ${item.raw.x}`);
  options.scales = {
    x: axis(theme, { title: "Trial", integer: true, grid: false, min: 0 }),
    y: axis(theme, { title: first.objective, min: range.low, max: range.high }),
  };
  options.scales.y.ticks.includeBounds = false;
  return { type: "line", data: { datasets: searches.map((search) => ({ ...look(search, theme), pointRadius: search.steps.length === 1 ? 3 : 0, data: bestPoints(search) })) }, options };
}

export function bestLinesRows({ searches }) {
  return [["Experiment", "Trial", `Best ${searches[0].objective} so far`], ...searches.flatMap((search) => search.steps.map(([number, score]) => [search.name, number, score]))];
}

/** The share of the trials that scored at most so much. The server thinned long lists at equal shares. */
export function searchDistributionConfig({ searches }, theme) {
  const [first] = searches;
  const range = scoreRange(searches.flatMap(({ scores }) => scores), first.direction);
  const options = base(theme, searches, (item) => `${Math.round(item.raw.y * 100)} % of ${item.dataset.label} at most ${full(item.raw.x)}`);
  options.scales = {
    x: axis(theme, { title: first.objective, min: range.low, max: range.high, grid: false }),
    y: axis(theme, { title: "Share of the trials", min: 0, max: 1 }),
  };
  options.scales.x.ticks.includeBounds = false;
  const points = ({ scores }) => [{ x: scores[0], y: 0 }, ...distributionSteps(scores)];
  return { type: "line", data: { datasets: searches.map((search) => ({ ...look(search, theme), data: points(search) })) }, options };
}

const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

/** Scores at some shares, a row an experiment. */
export function searchDistributionRows({ searches }) {
  const at = (scores, share) => scores[Math.min(scores.length - 1, Math.round(share * (scores.length - 1)))];
  return [["Experiment", "Scored trials", "Minimum", "10 %", "25 %", "Median", "75 %", "90 %", "Maximum"], ...searches.map(({ name, n, scores }) => [name, n, ...SHARES.map((share) => at(scores, share))])];
}

/** Each search at its place in the address; those without a score are listed beside the chart. @param {ReportJson[]} experiments */
export function drawn(experiments) {
  return experiments.map((search, place) => ({ ...search, place })).filter(({ n }) => n > 0);
}
