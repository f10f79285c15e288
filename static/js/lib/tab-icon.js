/** The tab's icon while a search runs: a ring that fills, then a mark of how it ended. Pure. */

const COLOURS = { completed: "#2b8a3e", failed: "#c92a2a", stopped: "#5b616b", paused: "#b35c00" };
const RUNNING = "#3b5bdb";
const MARKS = {
  completed: "M9 17l5 5 9-11",
  failed: "M10 10l12 12M22 10L10 22",
  stopped: "M11 11h10v10H11z",
  paused: "M12 10v12M20 10v12",
};

/**
 * An SVG of 32 by 32, as a data address.
 * @param {string} state of the experiment
 * @param {number} percent of its trials that are settled
 */
export function tabIcon(state, percent) {
  const round = 2 * Math.PI * 13;
  const done = (Math.min(Math.max(percent, 0), 100) / 100) * round;
  const colour = COLOURS[state] ?? RUNNING;
  const mark = MARKS[state]
    ? `<path d="${MARKS[state]}" fill="none" stroke="${colour}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>`
    : "";
  const ring = `<circle cx="16" cy="16" r="13" fill="none" stroke="${colour}" stroke-opacity=".25" stroke-width="5"/>`;
  const arc = `<circle cx="16" cy="16" r="13" fill="none" stroke="${colour}" stroke-width="5" stroke-dasharray="${done.toFixed(1)} ${round.toFixed(1)}" transform="rotate(-90 16 16)"/>`;
  const whole = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${ring}${arc}${mark}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(whole)}`;
}
