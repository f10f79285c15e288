/** The comparison's address query. Pure. */
import { readable } from "./address.js";

/**
 * The query with more trials, all else as it is.
 * @param {string} search the query now @param {string} keys "code:number,…" that are shown @param {string} code
 * @param {string} numbers "4, 12" @param {number} most
 */
export function withTrials(search, keys, code, numbers, most) {
  const added = numbers.split(",").map((word) => word.trim()).filter((word) => /^\d+$/.test(word)).map((word) => `${code}:${Number(word)}`);
  const query = new URLSearchParams(search);
  query.set("trials", [...new Set([...keys.split(",").filter(Boolean), ...added])].slice(0, most).join(","));
  return `?${readable(query)}`;
}

const OF_THE_LINK = ["trials", "experiments", "base"];

/**
 * A link of the page as the page is now: its trials and base, and what charts and tables were set to meanwhile.
 * @param {string} link its query @param {string} search the query now
 */
export function kept(link, search) {
  const [wanted, query] = [new URLSearchParams(link), new URLSearchParams(search)];
  for (const name of OF_THE_LINK) {
    if (wanted.has(name)) query.set(name, wanted.get(name));
    else query.delete(name);
  }
  return `?${readable(query)}`;
}

const CHART = ["axis", "scale", "smoothing", "over", "range", "metric"]; // the metric last: it may hold anything

/** Options of a curves' chart as one value of the address; empty where all are the usual. */
export const writeChart = (options, usual) => (CHART.every((name) => options[name] === usual[name]) ? "" : CHART.map((name) => options[name]).join(","));

/** @param {string} text @returns {Record<string, string>} */
export function readChart(text) {
  const words = text.split(",");
  const options = Object.fromEntries(CHART.slice(0, -1).map((name, at) => [name, words[at]]));
  return text ? { ...options, metric: words.slice(CHART.length - 1).join(",") } : {};
}
