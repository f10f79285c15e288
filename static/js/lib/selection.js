/** The one selection of an experiment's pages: typed filter, brushed columns, chosen trials. The URL is its whole state. */
import { keptInAddress } from "./address.js";
import { isBrushed, readBrushes, writeBrushes } from "./brushes.js";
import { parseFilter } from "./filter.js";

export const MOST_CHOSEN = 500; // an address holds no more

/** Dispatches "change" with detail { what: "filter" | "brush" | "chosen" | "all" }. */
export class Selection extends EventTarget {
  filter = "";
  /** @type {Map<string, import("./brushes.js").Brush>} by column */
  brushes = new Map();
  /** @type {number[]} trial numbers in the order in which they were chosen */
  chosen = [];

  /** @param {string} search the address's query */
  static read(search) {
    const query = new URLSearchParams(search);
    const selection = new Selection();
    selection.filter = (query.get("filter") ?? "").trim();
    selection.brushes = readBrushes(query.get("brush") ?? "");
    selection.chosen = readNumbers(query.get("chosen") ?? "");
    return selection;
  }

  /** @param {URLSearchParams} query whose filter, brush and chosen it sets, or deletes */
  write(query) {
    const parts = { filter: this.filter, brush: writeBrushes(this.brushes), chosen: this.chosen.join(",") };
    for (const [name, text] of Object.entries(parts)) {
      if (text) query.set(name, text);
      else query.delete(name);
    }
  }

  setFilter(text) {
    if (text.trim() === this.filter) return;
    this.filter = text.trim();
    this.#tell("filter");
  }

  /** @param {string} key a column @param {import("./brushes.js").Brush|null} brush null lifts it, and so does an empty one */
  setBrush(key, brush) {
    const isEmpty = !(brush?.ranges ?? brush?.choices)?.length;
    if (isEmpty && !this.brushes.has(key)) return;
    if (isEmpty) this.brushes.delete(key);
    else this.brushes.set(key, brush);
    this.#tell("brush");
  }

  /** @param {number[]} numbers of trials; the newest 500 are kept */
  setChosen(numbers) {
    this.chosen = [...new Set(numbers)].slice(-MOST_CHOSEN);
    this.#tell("chosen");
  }

  clear() {
    this.filter = "";
    this.brushes.clear();
    this.chosen = [];
    this.#tell("all");
  }

  /** Whether anything is filtered or brushed. */
  get isNarrow() {
    return this.filter !== "" || this.brushes.size > 0;
  }

  /** Brushed columns that are not there; they keep every row. @param {string[]} names */
  missing(names) {
    return [...this.brushes.keys()].filter((key) => !names.includes(key));
  }

  /**
   * @param {{ at: (key: string, index: number) => unknown }} store
   * @param {string[]} names columns that the filter and brushes may ask for
   * @returns {(index: number) => boolean} whether a row is kept; throws FilterError where the filter can't be read
   */
  keeps(store, names) {
    const passes = parseFilter(this.filter, names);
    const known = [...this.brushes].filter(([key]) => names.includes(key));
    return (index) =>
      known.every(([key, brush]) => isBrushed(brush, store.at(key, index))) && passes((name) => store.at(name, index));
  }

  #tell(what) {
    this.dispatchEvent(new CustomEvent("change", { detail: { what } }));
  }
}

function readNumbers(text) {
  const words = text.split(",").filter((word) => /^\d{1,9}$/.test(word));
  return [...new Set(words.map(Number))].slice(0, MOST_CHOSEN);
}

/** The page's own, read from the address once and kept in it. */
export const selection = Selection.read(globalThis.location?.search ?? "");
if (globalThis.location) selection.addEventListener("change", keptInAddress((query) => selection.write(query)));
