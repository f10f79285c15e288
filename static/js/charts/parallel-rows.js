/** Parallel coordinates as a table, and one line of it in words. Pure. */
import { figures, plain } from "../lib/format.js";

/** @param {{ store: object, axes: object[], kept: number[] }} report @returns {(string|number|boolean|null)[][]} the best first, heads in the first row */
export function parallelRows({ store, axes, kept }) {
  const sign = store.direction === "minimize" ? 1 : -1;
  const score = (index) => store.own.score[index];
  const order = [...kept].sort((a, b) => Number(score(a) === null) - Number(score(b) === null) || sign * (score(a) - score(b)));
  const rows = order.map((index) => [store.own.number[index], store.own.state[index], ...axes.map(({ key }) => store.at(key, index) ?? null)]);
  return [["Trial", "State", ...axes.map(({ label }) => label)], ...rows];
}

/** Name and value of each axis for one trial, the score first. @returns {[string, string][]} */
export function lineWords(store, axes, index) {
  const value = (axis) => {
    const found = store.at(axis.key, index) ?? null;
    if (axis.key === "score") return found === null ? "no score" : figures(found);
    return found === null ? axis.without : plain(found);
  };
  const order = [...axes].sort((a, b) => Number(b.key === "score") - Number(a.key === "score"));
  return order.map((axis) => [axis.label, value(axis)]);
}
