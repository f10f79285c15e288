/** Where an epoch stands on the axis of a curve: by number or by training time, linear or log. Pure. */
import { figures, plain } from "../lib/format.js";

/** Training seconds at the end of each epoch; equal parts of the whole where epochs were not timed. */
export function epochEnds({ epochs, seconds, epoch_seconds: timed = [] }) {
  if (timed.length < epochs) return Array.from({ length: epochs }, (_, index) => ((index + 1) * seconds) / epochs);
  let sum = 0;
  return timed.slice(0, epochs).map((each) => (sum += each));
}

/** The mean of several executions' ends; it never goes back where a quick one is left alone. */
export function meanEnds(executions) {
  const all = executions.filter(({ epochs }) => epochs).map(epochEnds);
  let last = 0;
  return Array.from({ length: Math.max(0, ...all.map((ends) => ends.length)) }, (_, epoch) => {
    const known = all.filter((ends) => epoch < ends.length).map((ends) => ends[epoch]);
    last = Math.max(last, known.reduce((sum, each) => sum + each, 0) / known.length);
    return last;
  });
}

/** Training seconds as epochs and parts of one. @param {number[]} ends */
export function epochAt(ends, seconds) {
  const index = ends.findIndex((end) => end >= seconds);
  if (index < 0) return ends.length;
  const before = index ? ends[index - 1] : 0;
  return index + (ends[index] > before ? (seconds - before) / (ends[index] - before) : 1);
}

/** "time-log" → { byTime: true, isLog: true } */
export const readAxis = (axis = "epoch") => ({ byTime: axis.startsWith("time"), isLog: axis.endsWith("-log") });

/** Range of both charts that share an axis: all epochs that are planned, or the longest execution's time. */
export function axisRange(curves, { byTime, isLog, isAligned = false }) {
  const epochs = Math.max(2, ...curves.map((curve) => Math.max(curve.planned ?? 0, curve.epochs ?? 0)));
  if (!byTime) return { min: isAligned && !isLog ? 0 : 1, max: epochs };
  const longest = Math.max(0, ...curves.map((curve) => epochEnds(curve).at(-1) ?? 0));
  return { min: isLog ? undefined : 0, max: isAligned && longest ? longest : undefined };
}

export const axisTitle = ({ byTime }) => (byTime ? "Training time (s)" : "Epoch");
export const placeWords = (x, byTime) => (byTime ? `${figures(x, 3)} s` : `Epoch ${plain(x)}`);

/**
 * What is left of a scale without outliers: as far as the middle nine tenths' width beyond them. Null where nothing is cut.
 * @param {number[]} values
 */
export function coreRange(values) {
  if (values.length < 8) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  const [low, high] = [at(0.05), at(0.95)];
  const width = high - low || Math.abs(high) || 1;
  const range = { min: Math.max(sorted[0], low - width), max: Math.min(sorted.at(-1), high + width) };
  const cut = sorted.filter((value) => value < range.min || value > range.max).length;
  if (!cut) return null;
  const room = (range.max - range.min) * 0.04;
  return { min: range.min - room, max: range.max + room, cut };
}
