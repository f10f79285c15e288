/** Every trial as columns, merged with what live reports bring. Pure: knows no page. */

/** @typedef {{ n: number, own: Record<string, any[]>, values: Record<string, any[]> }} Columns */

export class TrialStore {
  /** @param {{ objective: string, direction: string, max_trials: number, trials: Columns }} report */
  constructor(report) {
    this.objective = report.objective;
    this.direction = report.direction;
    this.maxTrials = report.max_trials;
    this.own = report.trials.own;
    this.values = report.trials.values;
    this.more = {}; // columns that were asked for
    this.changed = new Set(); // columns that the last merge changed
    this.hasGrown = false; // whether it brought rows that were not there
    this.place = new Map(this.own.number.map((number, index) => [number, index]));
  }

  get size() {
    return this.own.number.length;
  }

  /** @param {Columns} changed @returns {number[]} indices of rows that changed */
  merge(changed) {
    const touched = [];
    this.changed.clear();
    this.hasGrown = false;
    for (let row = 0; row < changed.n; row += 1) {
      const number = changed.own.number[row];
      let index = this.place.get(number);
      if (index === undefined) {
        index = this.size;
        this.place.set(number, index);
        this.hasGrown = true;
      }
      for (const key of Object.keys(this.own)) this.#put(this.own, key, index, changed.own[key]?.[row]);
      for (const key of Object.keys(this.values)) this.#put(this.values, key, index, changed.values[key]?.[row]);
      touched.push(index);
    }
    return touched;
  }

  #put(columns, key, index, value = null) {
    if (columns[key][index] === value) return;
    columns[key][index] = value;
    this.changed.add(key);
  }

  /** The value of one column in one row, own columns first. */
  at(key, index) {
    const column = this.own[key] ?? this.values[key] ?? this.more[key];
    return column?.[index] ?? null;
  }

  /** Values of a column that was asked for beside the others. @param {number[]} numbers of the trials */
  put(key, numbers, values) {
    this.more[key] ??= [];
    numbers.forEach((number, row) => {
      const index = this.place.get(number);
      if (index !== undefined) this.more[key][index] = values[row];
    });
  }

  /** Index of the best completed trial, the earlier one of equals; -1 without any. */
  best() {
    const sign = this.direction === "minimize" ? 1 : -1;
    let best = -1;
    for (let index = 0; index < this.size; index += 1) {
      const score = this.own.score[index];
      if (this.own.state[index] !== "completed" || score === null || this.own.set_aside?.[index]) continue;
      if (best < 0 || sign * score < sign * this.own.score[best]) best = index;
    }
    return best;
  }
}

/** The order in full: an empty key means the best score first. */
export function inFull(order, direction) {
  return order.key ? order : { key: "score", descending: direction === "maximize" };
}

/**
 * Indices of the rows that pass, in the order asked for; rows without a value come last.
 * Those without a score follow in the order of what their pruner saw last.
 * @param {TrialStore} store
 * @param {{ key: string, descending: boolean }} order an empty key: best score first
 * @param {(index: number) => boolean} keeps
 */
export function arrange(store, order, keeps) {
  const rows = [];
  for (let index = 0; index < store.size; index += 1) {
    if (keeps(index)) rows.push(index);
  }
  const { key, descending } = inFull(order, store.direction);
  const sign = descending ? -1 : 1;
  const columns = key === "score" ? [key, "at_last_rung"] : [key];
  return rows.sort((a, b) => {
    for (const column of columns) {
      const step = apart(store.at(column, a), store.at(column, b), sign);
      if (step) return step;
    }
    return store.own.number[a] - store.own.number[b];
  });
}

function apart(left, right, sign) {
  const absent = Number(left === null) - Number(right === null);
  return absent || left === null ? absent : sign * compare(left, right);
}

function compare(left, right) {
  const words = Number(typeof left === "string") - Number(typeof right === "string");
  if (words) return words;
  return left < right ? -1 : Number(left > right);
}
