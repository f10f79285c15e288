/** Curves that the trial table has asked for: sparklines of the rows in sight, whole ones of opened rows. */
import { CurveStore } from "../lib/curve-store.js";
import { sparkPoints, thinned } from "../lib/trial-row.js";

const MOST = 100; // trials of one question

export class Curves {
  store = new CurveStore();
  sparks = new Map(); // points of polylines by trial number
  #wanted = new Set();
  #whole = new Set(); // trials whose curves are here from their first epoch on

  /** @param {{ sparks: string, curves: string, objective: string, signal: AbortSignal }} source */
  constructor(source) {
    this.source = source;
  }

  /** Ask for the sparklines that are missing; @returns {Promise<number[]>} trials that have one now, or none */
  async loadSparks(numbers, isRunning) {
    const missing = numbers.filter((number) => !this.sparks.has(number) && !this.#wanted.has(number)).slice(0, MOST);
    if (!missing.length) return [];
    for (const number of missing) this.#wanted.add(number);
    const report = await this.#ask(this.source.sparks, missing);
    for (const number of missing) this.#wanted.delete(number);
    if (!report) return [];
    for (const number of missing) {
      const points = sparkPoints(report.sparks[number] ?? []);
      if (points || !isRunning(number)) this.sparks.set(number, points);
    }
    return missing;
  }

  /** Whole curves of trials; whether they are there. @param {number[]} numbers */
  async load(numbers) {
    const missing = numbers.filter((number) => !this.#whole.has(number)).slice(0, MOST);
    if (!missing.length) return true;
    const report = await this.#ask(this.source.curves, missing);
    if (!report) return false;
    this.store.fill(report.curves);
    for (const number of missing) this.#whole.add(number);
    return true;
  }

  /** What a live report brought. @returns {Set<number>} trials whose curves grew */
  merge(tails) {
    const touched = this.store.merge(tails);
    for (const trial of touched) {
      const first = this.store.of([trial]).find((curve) => curve.index === 0);
      if (first) this.sparks.set(trial, sparkPoints(thinned(first.metrics[this.source.objective] ?? [])));
    }
    return touched;
  }

  async #ask(address, numbers) {
    const answer = await fetch(`${address}?trials=${numbers.join(",")}`, { signal: this.source.signal }).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }
}
