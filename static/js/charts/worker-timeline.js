/** Who worked on which trial and when, a lane for each worker. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { unitOf } from "./time-axis.js";
import { short } from "./parallel-axes.js";
import { duration, thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

const MOST_LANES = 12;
const COLOURS = { completed: "completed", pruned: "pruned", paused: "paused", stopped: "stopped", released: "stopped", reaped: "failed", failed: "failed", running: "running" };
const WORDS = { released: "released", reaped: "worker unresponsive" };
const HEIGHT = 0.62; // of a lane
const FULL_LANES = 5; // of fewer, bars are no thicker
const MOST_BARS = 500; // of a worker
const REST_MS = 10_000; // between two questions while trials run

/** Attempts by index, each lane's in order; workers with the most attempts come first where there are too many. */
export function lanes({ workers, worker }) {
  const counts = workers.map(() => 0);
  for (const place of worker) counts[place] += 1;
  const shown = [...workers.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, MOST_LANES).sort((a, b) => a - b);
  return new Map(shown.map((place, lane) => [place, lane]));
}

const GIVEN_BACK = ["paused", "released"]; // by a rung, or as the search or its worker paused

/** Attempts by index that try again what failed or went silent: going on after a pause is none. */
export function retriesOf({ trial, attempt, outcome }) {
  const before = new Map();
  const found = new Set();
  trial.forEach((number, at) => {
    if (attempt[at] > 1 && !GIVEN_BACK.includes(before.get(number))) found.add(at);
    before.set(number, outcome[at]);
  });
  return found;
}

/** Seconds of work and the longest idle gap of each worker. */
export function loads(report) {
  const retries = retriesOf(report);
  const all = report.workers.map(() => ({ busy: 0, gap: 0, last: null, first: null, attempts: 0, retries: 0 }));
  report.worker.forEach((place, at) => {
    const load = all[place];
    load.first ??= report.start[at];
    if (load.last !== null) load.gap = Math.max(load.gap, report.start[at] - load.last);
    load.busy += Math.max(0, report.end[at] - Math.max(report.start[at], load.last ?? 0));
    load.last = Math.max(load.last ?? 0, report.end[at]);
    load.attempts += 1;
    load.retries += Number(retries.has(at));
  });
  return all;
}

/**
 * Bars of the workers drawn; attempts shorter than a pixel or two are one bar with their neighbours.
 * @returns {{ lane: number, from: number, to: number, attempts: number[], failed: number }[]} attempts by index
 */
export function barsOf(report) {
  const { start, end, worker, outcome } = report;
  const lane = lanes(report);
  const least = length(report) / MOST_BARS;
  const open = new Map();
  const bars = [];
  for (const [at, place] of worker.entries()) {
    if (!lane.has(place)) continue;
    let bar = open.get(place);
    if (!bar || bar.to - bar.from >= least || start[at] - bar.to >= least || end[at] - start[at] >= least) {
      bar = { lane: lane.get(place), from: start[at], to: end[at], attempts: [], failed: 0 };
      open.set(place, bar);
      bars.push(bar);
    }
    bar.to = Math.max(bar.to, end[at]);
    bar.attempts.push(at);
    bar.failed += Number(outcome[at] === "failed" || outcome[at] === "reaped");
  }
  return bars;
}

const length = ({ end }) => end.reduce((most, each) => Math.max(most, each), 1);

/** @param {ReportJson} report of attempts.json, with `keeps(trial)` of the selection */
export function timelineConfig(report, theme) {
  const lane = lanes(report);
  const { outcome, trial } = report;
  const retries = retriesOf(report);
  const span = length(report);
  const unit = unitOf(span);
  const bars = barsOf(report);
  const thickness = HEIGHT * Math.min(1, lane.size / FULL_LANES);
  const cells = bars.map(({ lane: place, from, to, attempts, failed }) => {
    const isKept = attempts.some((at) => report.keeps(trial[at]));
    const shown = attempts.find((at) => COLOURS[outcome[at]] === "failed") ?? attempts[0];
    return {
      x: (from + to) / 2 / unit[1],
      y: lane.size - 1 - place,
      width: Math.max(to - from, span / 2000) / unit[1],
      height: attempts.every((at) => retries.has(at)) ? thickness * 0.6 : thickness,
      isHatched: failed > 0,
      fill: faded(isKept ? theme.states[COLOURS[outcome[shown]]] : theme.ink2, isKept ? 0.75 : 0.18),
    };
  });
  const base = frame(theme);
  base.plugins.drawnCells = { cells, ink: theme.ink };
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? barTitle(report, item.raw.bar) : ""),
    label: (item) => barWords(report, item.raw.bar),
  };
  const y = axis(theme, { min: -0.6, max: lane.size - 0.4, grid: false });
  const names = [...lane.keys()].reverse().map((place) => short(report.workers[place], 18));
  y.afterBuildTicks = (scale) => { scale.ticks = names.map((_, value) => ({ value })); };
  y.ticks.callback = (value) => names[value];
  y.ticks.autoSkip = false;
  base.scales = { x: axis(theme, { title: `Time since the first attempt (${unit[0]})`, min: 0, max: span / unit[1] }), y };
  base.scales.x.ticks.includeBounds = false;
  const points = bars.map((bar, place) => ({ x: cells[place].x, y: cells[place].y, bar, number: bar.attempts.length > 1 ? null : trial[bar.attempts[0]] }));
  return { type: "scatter", data: { datasets: [{ label: "attempts", data: points, pointRadius: 0, pointHitRadius: 8 }] }, options: base };
}

function barTitle({ trial, attempt }, { attempts }) {
  const [first] = attempts;
  if (attempts.length > 1) return `${thousands(attempts.length)} attempts, trials ${trial[first]} to ${trial[attempts.at(-1)]}`;
  return `Trial ${trial[first]}${attempt[first] > 1 ? `, attempt ${attempt[first]}` : ""}`;
}

function barWords(report, { attempts, failed, from, to }) {
  if (attempts.length === 1) return attemptWords(report, attempts[0]);
  return [`${thousands(failed)} failed · ${duration(to - from)}`, short(report.workers[report.worker[attempts[0]]], 40)];
}

function attemptWords({ outcome, start, end, worker, workers, failure }, at) {
  const why = failure[at] ? ` (${failure[at].replaceAll("_", " ")})` : "";
  return [`${WORDS[outcome[at]] ?? outcome[at]}${why} · ${duration(end[at] - start[at])}`, short(workers[worker[at]], 40)];
}

export function timelineRows(report) {
  const heads = ["Worker", "Trial", "Attempt", "Started (s)", "Ended (s)", "Outcome", "Failure"];
  return [heads, ...report.worker.map((place, at) => [report.workers[place], report.trial[at], report.attempt[at], report.start[at], report.end[at], WORDS[report.outcome[at]] ?? report.outcome[at], report.failure[at]])];
}

export function timelineNote(report) {
  const all = loads(report);
  const span = length(report);
  const busy = all.reduce((sum, load) => sum + load.busy, 0) / (span * all.length);
  const retries = all.reduce((sum, load) => sum + load.retries, 0);
  const words = [`${thousands(report.worker.length)} attempts`, `workers busy ${Math.round(busy * 100)} % of the time`];
  if (retries) words.push(`${thousands(retries)} ${retries === 1 ? "retry" : "retries"}`);
  const gap = Math.max(...all.map((load) => load.gap));
  if (gap > span / 50) words.push(`longest idle gap ${duration(gap)}`);
  if (report.workers.length > MOST_LANES) words.push(`${MOST_LANES} of ${report.workers.length} workers drawn; the table has all`);
  return words.join(" · ");
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const workerTimeline = {
  config: timelineConfig, rows: timelineRows, note: timelineNote,
  empty: ({ worker }) => (worker.length ? "" : "No worker took a trial yet"),
  more: (_chart, { store, keeps }) => ({ keeps: (number) => store.place.has(number) && keeps(store.place.get(number)) }),
  news: ({ store }) => store.own.state.join(),
  restMs: () => REST_MS,
};
