/** Colours of charts, read from the tokens of the style sheet; a trial's colour goes by its number. */

export const PALETTE_SIZE = 8;
const SHADES = 7; // of the scale from the worst score to the best
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
export const STATES = ["waiting", "running", "paused", "completed", "pruned", "stopped", "failed"];

/** @param {Element} element whose place in the page decides light or dark */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink"),
    ink2: token("--ink-2"),
    panel: token("--panel"),
    grid: token("--chart-grid"),
    accent: token("--accent"),
    faint: token("--ink-3"),
    ramp: Array.from({ length: SHADES }, (_, index) => token(`--score-${index}`)),
    font: token("--font-text"),
    trials: Array.from({ length: PALETTE_SIZE }, (_, index) => token(`--trial-${index}`)),
    states: Object.fromEntries(STATES.map((state) => [state, token(`--${state}`)])),
  };
}

export const trialColour = (theme, number) => theme.trials[number % PALETTE_SIZE];
export const trialDash = (number) => DASHES[Math.floor(number / PALETTE_SIZE) % DASHES.length];

/** @param {string} colour #rrggbb @param {number} alpha 0…1 */
export function faded(colour, alpha) {
  const value = Math.round(alpha * 255).toString(16).padStart(2, "0");
  return /^#[0-9a-f]{6}$/i.test(colour) ? colour + value : colour;
}
