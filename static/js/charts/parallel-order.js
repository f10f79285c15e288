/** Which axes parallel coordinates show, in which order, and how an address says so. Pure. */

export const MOST_AT_FIRST = 6; // hyperparameters; the score follows them
const BINS = 8;
const LEAST = 12; // scored trials, with fewer the space's own order says as much
const ENOUGH = 2000; // scored trials: more take longer and tell no more

/** @typedef {{ key: string, isFlipped: boolean, scale?: string }} ChosenAxis */

/**
 * How much of the score's spread goes with a hyperparameter alone: epsilon squared (Kelley 1935) of the
 * scores' ranks over eight bins of equal count, or its choices; "not active" is a group of its own.
 * @param {import("../lib/trial-store.js").TrialStore} store
 * @param {string} key
 * @returns {number} at most 1; at or below 0 it tells nothing
 */
export function relevance(store, key) {
  const rows = scored(store);
  if (rows.length < LEAST) return 0;
  const rank = ranks(rows.map((index) => store.own.score[index]));
  const groups = grouped(rows.map((index) => store.at(key, index)));
  const mean = (rows.length - 1) / 2;
  const sums = new Map();
  groups.forEach((group, at) => {
    const found = sums.get(group) ?? { n: 0, sum: 0 };
    sums.set(group, { n: found.n + 1, sum: found.sum + rank[at] });
  });
  const total = rank.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const between = [...sums.values()].reduce((sum, group) => sum + group.n * (group.sum / group.n - mean) ** 2, 0);
  const free = rows.length - sums.size;
  if (!total || free < 1) return 0;
  const within = (total - between) / free;
  return (between - (sums.size - 1) * within) / total;
}

function scored(store) {
  const all = [...store.own.number.keys()].filter((index) => store.own.state[index] === "completed" && store.own.score[index] !== null && !store.own.set_aside?.[index]);
  const every = Math.ceil(all.length / ENOUGH);
  return all.filter((_, at) => at % every === 0);
}

/** Ranks from 0, equal values share the mean of theirs. */
export function ranks(values) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to += 1;
    for (let at = from; at <= to; at += 1) found[order[at]] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}

function grouped(values) {
  const numbers = values.filter((value) => typeof value === "number");
  if (new Set(numbers).size <= BINS) return values;
  const rank = ranks(numbers);
  let at = 0;
  return values.map((value) => (typeof value === "number" ? `bin ${Math.min(BINS - 1, Math.floor((rank[at++] / numbers.length) * BINS))}` : value));
}

/** The six most telling hyperparameters that differ, the most telling next to the score, which comes last. */
export function usualAxes(columns, store) {
  const differing = columns.filter(({ hyper, equal }) => hyper && !equal).map(({ key }) => ({ key, tells: relevance(store, key) }));
  const most = [...differing].sort((a, b) => b.tells - a.tells).slice(0, MOST_AT_FIRST).map(({ key }) => key);
  return [...most, "score"].map((key) => ({ key, isFlipped: false }));
}

/** `learning_rate~linear,-units,score`: a minus flips, a scale stands behind a tilde. @param {ChosenAxis[]} chosenAxes */
export function writeAxes(chosenAxes) {
  return chosenAxes.map(({ key, isFlipped, scale }) => (isFlipped ? "-" : "") + key + (scale ? `~${scale}` : "")).join(",");
}

/** @param {string} text @param {string[]} known keys @returns {{ chosenAxes: ChosenAxis[], gone: string[] }} gone: what is not there any more */
export function readAxes(text, known) {
  const [chosenAxes, gone] = [[], []];
  for (const word of text.split(",").filter(Boolean)) {
    const [, minus, key, scale] = /^(-?)([^~]*)(?:~(.*))?$/.exec(word);
    if (!known.includes(key)) gone.push(key);
    else if (!chosenAxes.some((choice) => choice.key === key)) {
      chosenAxes.push({ key, isFlipped: minus === "-", ...(["log", "linear"].includes(scale) ? { scale } : {}) });
    }
  }
  return { chosenAxes, gone };
}

/** @param {ChosenAxis[]} chosenAxes @param {string} key @param {number} to its new place */
export function moved(chosenAxes, key, to) {
  const others = chosenAxes.filter((choice) => choice.key !== key);
  const place = Math.max(0, Math.min(others.length, to));
  return [...others.slice(0, place), chosenAxes.find((choice) => choice.key === key), ...others.slice(place)];
}
