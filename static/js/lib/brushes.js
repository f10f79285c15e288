/**
 * Brushed columns as an address holds them; experiments/web/brushes.py is its twin. Pure.
 *
 * `learning_rate:0.0003..0.004;units:32..64,256..;optimizer:=adam,sgd`: a column each, with ranges
 * (both ends in, either may be open) or, after "=", choices. A choice is a number, true, false,
 * none (not active) or text; text that would be read as one of those begins with '.
 */

/** One of both. @typedef {{ ranges?: [number, number][], choices?: (string|number|boolean|null)[] }} Brush */

const WORDS = new Map([["true", true], ["false", false], ["none", null]]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BOUND = String.raw`([+-]?(?:\d+\.?\d*?|\.\d+)(?:e[+-]?\d+)?)?`;
const RANGE = new RegExp(String.raw`^${BOUND}\.\.${BOUND}$`, "i");

const escaped = (text) => text.replace(/[%:;,|]/g, encodeURIComponent);
const unescaped = (text) => text.replace(/%(25|3A|3B|2C|7C)/gi, decodeURIComponent);

/** @param {string} text @returns {Map<string, Brush>} what can't be read is left out */
export function readBrushes(text) {
  const found = new Map();
  for (const part of text.split(";")) {
    const at = part.indexOf(":");
    const brush = at > 0 ? readBrush(part.slice(at + 1)) : null;
    if (brush) found.set(unescaped(part.slice(0, at)), brush);
  }
  return found;
}

function readBrush(text) {
  if (text.startsWith("=")) return { choices: text.slice(1).split(",").map(readChoice) };
  const ranges = text.split(",").map(readRange).filter(Boolean);
  return ranges.length ? { ranges } : null;
}

function readRange(text) {
  const match = RANGE.exec(text);
  if (!match || (match[1] === undefined && match[2] === undefined)) return null;
  const low = match[1] === undefined ? -Infinity : Number(match[1]);
  const high = match[2] === undefined ? Infinity : Number(match[2]);
  return low <= high ? [low, high] : null;
}

function readChoice(text) {
  if (WORDS.has(text)) return WORDS.get(text);
  if (NUMBER.test(text)) return Number(text);
  return unescaped(text.startsWith("'") ? text.slice(1) : text);
}

/** @param {Map<string, Brush>} brushes */
export function writeBrushes(brushes) {
  return [...brushes].map(([key, brush]) => `${escaped(key)}:${brushWords(brush)}`).join(";");
}

/** @param {Brush} brush */
function brushWords({ ranges, choices }) {
  if (choices) return `=${choices.map(choiceWord).join(",")}`;
  return ranges.map((range) => range.map((end) => (Number.isFinite(end) ? String(end) : "")).join("..")).join(",");
}

function choiceWord(value) {
  if (value === null) return "none";
  if (typeof value !== "string") return String(value);
  return (WORDS.has(value) || NUMBER.test(value) || value.startsWith("'") ? "'" : "") + escaped(value);
}

/** Whether a column's value lies in the brush. @param {Brush} brush @param {unknown} value */
export function isBrushed({ ranges, choices }, value) {
  if (choices) return choices.includes(/** @type {string|number|boolean} */ (value ?? null));
  return typeof value === "number" && ranges.some(([low, high]) => low <= value && value <= high);
}
