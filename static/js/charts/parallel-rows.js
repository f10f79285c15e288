/** Parallel coordinates as a table, and one line of it in words. Pure. */
import { full, thousands } from "../lib/format.js";

/** @param {{ store: TrialStore, axes: import("./parallel-axes.js").Axis[], kept: number[], nameOf?: (index: number) => string }} report @returns {(string|number|boolean|null)[][]} the best first, heads in the first row */
export function parallelRows({ store, axes, kept, nameOf = (index) => store.own.number[index] }) {
  const sign = store.direction === "minimize" ? 1 : -1;
  const score = (index) => store.own.score[index];
  const order = [...kept].sort((a, b) => Number(score(a) === null) - Number(score(b) === null) || sign * (score(a) - score(b)));
  const rows = order.map((index) => [nameOf(index), store.own.state[index], ...axes.map(({ key }) => store.at(key, index) ?? null)]);
  return [["Trial", "State", ...axes.map(({ label }) => label)], ...rows];
}

/** Name and value of each axis for one trial, the score first. @returns {[string, string][]} */
export function lineWords(store, axes, index) {
  const value = (axis) => {
    const found = store.at(axis.key, index) ?? null;
    if (axis.key === "score") return found === null ? "no score" : full(found);
    return found === null ? axis.without : full(found);
  };
  const order = [...axes].sort((a, b) => Number(b.key === "score") - Number(a.key === "score"));
  return order.map((axis) => [axis.label, value(axis)]);
}

/** What the picture can't show as it is. @param {{ store: TrialStore, axes: import("./parallel-axes.js").Axis[], kept: number[], aside: number[], gone: string[] }} picture @returns {(string|number|boolean|undefined)[]} empty ones are left out */
export function unseenWords({ store, axes, kept, aside, gone }) {
  const scores = kept.map((index) => store.own.score[index]).filter((value) => value !== null);
  const without = kept.length - scores.length;
  const score = axes.find(({ key }) => key === "score");
  const beyond = score ? scores.filter((value) => value < score.low || value > score.high).length : 0;
  return [
    aside.length && `${thousands(aside.length)} set aside`,
    without && `${thousands(without)} without a score`,
    beyond && `${thousands(beyond)} beyond the score's axis`,
    gone.length && `no axis for ${gone.join(", ")}`,
  ];
}
