/** An axis of seconds, labelled in the unit that its range asks for. Pure. */
import { axis, tick } from "./scales.js";
import { niceStep } from "./best-so-far.js";
import { duration, plain } from "../lib/format.js";

const STEPS = 5;

/** @returns {[string, number]} the unit's sign, and its seconds */
export const unitOf = (span) => (span > 7200 ? ["h", 3600] : span > 240 ? ["min", 60] : ["s", 1]);

/** Round numbers of the unit: what reads alike is never drawn twice. @param {number} low @param {number} high seconds */
export function timeTicks(low, high, seconds) {
  const step = niceStep((high - low) / seconds / STEPS || 1) * seconds;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => ({ value: Number(((first + at) * step).toPrecision(10)) }));
}

/** A tick of a log axis, each in its own unit; `duration` would round those below a tenth of a second to 0. */
const inWords = (seconds) => (seconds < 100 ? `${plain(seconds)} s` : duration(seconds));

/** @param {Theme} theme @param {{ title: string, high: number, isLog?: boolean, grid?: boolean }} more high: the longest time, in seconds */
export function timeAxis(theme, { title, high, isLog = false, grid = false }) {
  const [sign, seconds] = isLog ? ["s", 1] : unitOf(high);
  const made = axis(theme, { title: `${title} (${sign})`, type: isLog ? "logarithmic" : "linear", grid });
  if (isLog) {
    made.title.text = title; // each tick tells its own unit
    made.ticks.callback = (value, at, ticks) => (at && inWords(ticks[at - 1].value) === inWords(value) ? "" : inWords(value));
    return made;
  }
  made.afterBuildTicks = (scale) => { scale.ticks = timeTicks(scale.min, scale.max, seconds); };
  made.ticks.callback = (value) => tick(value / seconds);
  return made;
}
