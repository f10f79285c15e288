/** What the selection holds, in words and as addresses of what can be done with it. Pure. */
import { plain, thousands } from "./format.js";

const MOST_WORDS = 3; // choices that a chip names

/** Names of all columns of the trials. @param {import("./trial-store.js").TrialStore} store */
export const columnsOf = (store) => [...Object.keys(store.own), ...Object.keys(store.values)];

/** One brushed column in words: "learning_rate 0.0003 … 0.004". @param {string} label @param {import("./brushes.js").Brush} brush */
export function brushWords(label, { ranges, choices }) {
  if (choices) {
    const words = choices.map((choice) => (choice === null ? "not active" : plain(choice)));
    const more = words.length - MOST_WORDS;
    return `${label} ${words.slice(0, MOST_WORDS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
  return ranges.map(([low, high]) => {
    if (!Number.isFinite(low)) return `${label} ≤ ${plain(high)}`;
    return Number.isFinite(high) ? `${label} ${plain(low)} … ${plain(high)}` : `${label} ≥ ${plain(low)}`;
  }).join(" or ");
}

/** "37 of 412 trials match, 3 selected" */
export function countWords(kept, total, chosen, isNarrow) {
  const words = [];
  if (isNarrow) words.push(`${thousands(kept)} of ${thousands(total)} trials match`);
  if (chosen) words.push(`${thousands(chosen)}${isNarrow ? "" : ` of ${thousands(total)} trials`} selected`);
  return words.join(", ");
}

/**
 * Numbers of the trials that an act is about: the chosen ones, else those that are kept, the best first.
 * @param {import("./trial-store.js").TrialStore} store
 * @param {number[]} kept indices
 * @param {number[]} chosen numbers
 */
export function actedOn(store, kept, chosen) {
  const here = chosen.filter((number) => store.place.has(number));
  if (here.length) return here;
  const sign = store.direction === "minimize" ? 1 : -1;
  const score = (index) => store.own.score[index];
  const order = [...kept].sort((a, b) => Number(score(a) === null) - Number(score(b) === null) || sign * (score(a) - score(b)) || a - b);
  return order.map((index) => store.own.number[index]);
}

/** What is compared: at most as many as the page takes. */
export function comparedAddress(page, code, numbers, most) {
  return `${page}?trials=${numbers.slice(0, most).map((number) => `${code}:${number}`).join(",")}`;
}
