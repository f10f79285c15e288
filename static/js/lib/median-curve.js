/** A typical trial: the median over some of them at each epoch, as a curve among others. Pure. */

const SAMPLE = 31; // completed trials whose median stands for a typical one

/** Numbers of completed trials that count, evenly spread over the search. */
export function sampleOf(store, most = SAMPLE) {
  const done = [...store.own.number].filter((_, index) => store.own.state[index] === "completed" && !store.own.set_aside?.[index]);
  if (done.length <= most) return done;
  return Array.from({ length: most }, (_, index) => done[Math.round((index * (done.length - 1)) / (most - 1))]);
}

/** @param {ReportJson[]} curves executions; the first of each trial counts @param {string} metric @returns {object|null} */
export function medianCurve(curves, metric) {
  const lists = curves.filter((curve) => curve.index === 0).map((curve) => curve.metrics[metric] ?? []).filter((list) => list.length);
  if (lists.length < 3) return null;
  const length = Math.max(...lists.map((list) => list.length));
  const values = [];
  for (let epoch = 0; epoch < length; epoch += 1) {
    const known = lists.map((list) => list[epoch]).filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
    if (known.length < lists.length / 3) break; // the few that went on so long are no median
    const middle = (known.length - 1) / 2;
    values.push((known[Math.floor(middle)] + known[Math.ceil(middle)]) / 2);
  }
  return values.length ? { key: "median", label: "Median", trial: undefined, colour: 7, dash: 8, index: 0, epochs: length, planned: 0, seconds: 0, metrics: { [metric]: values } } : null;
}
