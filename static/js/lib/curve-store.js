/** Epoch histories by execution; tails that arrive are put behind what is there. Pure. */

export class CurveStore {
  #curves = new Map();

  /**
   * @param {ReportJson[]} tails as chart-data.md tells them
   * @returns {Set<number>} trials that changed
   */
  merge(tails) {
    const touched = new Set();
    for (const tail of tails) {
      const known = this.#curves.get(tail.execution);
      const metrics = {};
      for (const [name, values] of Object.entries(tail.metrics)) {
        const before = (known?.metrics[name] ?? []).slice(0, tail.from);
        while (before.length < tail.from) before.push(null);
        metrics[name] = before.concat(values);
      }
      const timed = (known?.epoch_seconds ?? []).slice(0, tail.from).concat(tail.epoch_seconds ?? []);
      this.#curves.set(tail.execution, { ...tail, from: 0, metrics, epoch_seconds: timed });
      touched.add(tail.trial);
    }
    return touched;
  }

  /**
   * Take whole curves that were asked for, but those that news have overtaken: the next tail goes on from the news.
   * @param {ReportJson[]} curves
   */
  fill(curves) {
    return this.merge(curves.filter(({ execution, epochs }) => !(this.#curves.get(execution)?.epochs > epochs)));
  }

  /** @param {number[]} trials @returns {ReportJson[]} their executions, in the trials' order */
  of(trials) {
    const rank = new Map(trials.map((number, index) => [number, index]));
    return [...this.#curves.values()]
      .filter((curve) => rank.has(curve.trial))
      .sort((a, b) => rank.get(a.trial) - rank.get(b.trial) || a.index - b.index);
  }

  has(trial) {
    return [...this.#curves.values()].some((curve) => curve.trial === trial);
  }

  /** Every metric's name, validation first. */
  get metrics() {
    const names = new Set([...this.#curves.values()].flatMap((curve) => Object.keys(curve.metrics)));
    return [...names].sort((a, b) => Number(b.startsWith("val_")) - Number(a.startsWith("val_")) || a.localeCompare(b));
  }
}
