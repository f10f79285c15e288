/** How far a running trial is, in the few words that fit above its chart. */
import { duration } from "./format.js";

/**
 * "execution 3/5 · epoch 11/30 · 40 s left"; the time is what is left if no execution stops early.
 * @param {ReportJson[]} curves executions of one trial, in order
 */
export function runningWords(curves) {
  const begun = curves.findLast((curve) => curve.epochs) ?? curves[0];
  const current = curves.findLast((curve) => curve.state === "running") ?? begun;
  const parts = curves.length > 1 ? [`execution ${current.index + 1}/${curves.length}`] : [];
  parts.push(`epoch ${current.epochs}${current.planned ? `/${current.planned}` : ""}`);
  const left = secondsLeft(curves, current);
  if (left > 0) parts.push(`${duration(left)} left`);
  return parts.join(" · ");
}

function secondsLeft(curves, current) {
  const done = curves.reduce((sum, curve) => sum + curve.epochs, 0);
  const spent = curves.reduce((sum, curve) => sum + curve.seconds, 0);
  if (!done || !spent || !current.planned) return 0;
  const open = curves.filter((curve) => curve.index > current.index).length * current.planned;
  return (open + current.planned - current.epochs) * (spent / done);
}
