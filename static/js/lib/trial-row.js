/** What stands in each cell of a trial's row. Pure: the element turns it into HTML. */
import { compact, duration, plain, signed, spread, figures, thousands } from "./format.js";

/**
 * @typedef {{ key: string, label: string, hyper: boolean, equal: boolean, text: boolean }} Column
 * @typedef {{ kind: string, text: string, title?: string, more?: string, className?: string }} Cell
 * @param {import("./trial-store.js").TrialStore} store
 * @param {number} index
 * @param {Column[]} columns those that are shown
 * @param {number} best index of the best trial, -1 without one
 * @returns {Cell[]}
 */
export function rowCells(store, index, columns, best) {
  return columns.flatMap((column) => cells(store, index, column, best));
}

function cells(store, index, column, best) {
  const value = store.at(column.key, index);
  switch (column.key) {
    case "number":
      return [{ kind: "name", text: String(value) }];
    case "state":
      return [{ kind: "state", text: value }];
    case "score":
      return score(store, index, value, best);
    case "smoothed":
      return [{ kind: "number", text: figures(value ?? null), title: "Smoothed score: estimated by a model of all trials" }];
    case "epochs":
      if (!value && store.at("state", index) === "completed") return [{ kind: "number", text: "–", title: "not recorded" }];
      return [{ kind: "number", text: thousands(value) }];
    case "time":
      return [{ kind: "number", text: duration(value) }];
    case "parameters":
      return [{ kind: "number", text: compact(value), title: value === null ? "" : String(value) }];
    default:
      if (column.metric || column.measured) return [{ kind: "number", text: figures(value), title: value === null ? "" : String(value) }];
      return [{ kind: column.text ? "word" : "value", text: plain(value), title: value === null ? "not active" : String(value) }];
  }
}

function score(store, index, value, best) {
  const deviation = store.at("spread", index);
  const failure = failureWords(store.at("failure", index));
  if (value === null && failure) return [{ kind: "failure", text: failure }, { kind: "behind", text: signed(null) }];
  const judged = store.at("at_last_rung", index);
  if (value === null && judged !== null && judged !== undefined) {
    const title = `${judged} at its last rung; no score, training was not completed`;
    return [{ kind: "judged", text: figures(judged), title }, { kind: "behind", text: signed(null) }];
  }
  const behind = value === null || best < 0 ? null : value - store.own.score[best];
  return [
    { kind: "score", text: figures(value), title: value === null ? "" : String(value), more: deviation === null ? "" : `± ${spread(deviation)}` },
    { kind: "behind", text: signed(behind) },
  ];
}

/** At most `points` of the values, the first and the last among them. */
export function thinned(values, points = 24) {
  if (values.length <= points) return values;
  const step = (values.length - 1) / (points - 1);
  return Array.from({ length: points }, (_, index) => values[Math.round(index * step)]);
}

/** Points of a sparkline's polyline. */
export function sparkPoints(values, width = 72, height = 20) {
  const known = values.map((value, index) => [index, value]).filter(([, value]) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known.map(([, value]) => value));
  const scale = (height - 4) / (Math.max(...known.map(([, value]) => value)) - low || 1);
  const step = width / (values.length - 1);
  return known.map(([index, value]) => `${(index * step).toFixed(1)},${(height - 2 - (value - low) * scale).toFixed(1)}`).join(" ");
}

/** Sets what is the table's own in an address's query, or deletes it. @param {URLSearchParams} query */
export function tableQuery(query, { order, hidden, withEqual, metrics }) {
  const sort = order.key ? (order.descending ? "-" : "") + order.key : "";
  for (const [name, text] of Object.entries({ sort, hide: hidden.join(","), equal: withEqual ? "1" : "", metrics: metrics.join(",") })) {
    if (text) query.set(name, text);
    else query.delete(name);
  }
}

/** out_of_memory → out of memory, nan → NaN: the twin of the template filter `words`. */
function failureWords(kind) {
  return kind === "nan" ? "diverged (NaN)" : String(kind ?? "").replaceAll("_", " ");
}
