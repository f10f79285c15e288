/** Numbers as people read them; experiments/number_words.py is its twin. */

export const NOTHING = "–";
const MINUS = "−";

const trim = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

const small = (value) => {
  if (value > 0 && value < 5e-5) return figures(value, 1);
  return value < 1 ? value.toFixed(4) : figures(value, 3);
};

/** @param {number|null} value @param {number} digits significant digits, zeros kept */
export function figures(value, digits = 4) {
  if (value === null || value === undefined) return NOTHING;
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${trim(mantissa)}e${Number(exponent)}`;
  }
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

/** A hyperparameter's value, without trailing zeros. */
export function plain(value) {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const text = figures(value);
  return text.includes("e") ? text : trim(text);
}

/** What is hovered: every digit that is known, so that two points that look equal elsewhere differ. */
export function full(value) {
  if (typeof value !== "number" || !Number.isFinite(value) || value === 0) return plain(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return String(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential().replace("e+", "e") : String(value);
}

/** A difference with its sign. */
export function signed(value) {
  if (value === null || value === undefined || value === 0 || !Number.isFinite(value)) return NOTHING;
  return (value > 0 ? "+" : MINUS) + small(Math.abs(value));
}

/** A standard deviation, to the fourth decimal as scores are. */
export function spread(value) {
  return value === null || value === undefined || !Number.isFinite(value) ? "" : small(value);
}

/** A count of parameters: 51 k, 0.31 M. */
export function compact(value) {
  if (value === null || value === undefined) return NOTHING;
  if (value < 1000) return value.toFixed(0);
  if (value < 100_000) return `${trim(figures(value / 1000, 2))} k`;
  return `${trim(figures(value / 1e6, 2))} M`;
}

/** A count with separators: 10,000. */
export function thousands(value) {
  return value === null || value === undefined ? NOTHING : Math.round(value).toLocaleString("en-US");
}

/** A length of time in one or two units. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NOTHING;
  if (seconds < 10) return `${trim(seconds.toFixed(1))} s`;
  if (Math.round(seconds) < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** Two lengths of time as one range. */
export function durationRange([low, high]) {
  const [from, to] = [duration(low), duration(high)];
  if (low === 0) return `up to ${to}`;
  if (from === to) return to;
  const [a, b] = [from.split(" "), to.split(" ")];
  return a.length === 2 && b.length === 2 && a[1] === b[1] ? `${a[0]}–${to}` : `${from} – ${to}`;
}
