/** States as shape, word and colour; experiments/templatetags/display.py is its twin. */

const SHAPES = {
  draft: ["Draft", "circle"],
  queued: ["Queued", "circle-dashed"],
  waiting: ["Waiting", "circle-dashed"],
  running: ["Running", "circle"],
  pausing: ["Pausing", "pause"],
  paused: ["Paused", "pause"],
  stopping: ["Stopping", "square"],
  stopped: ["Stopped", "square"],
  completed: ["Completed", "check"],
  pruned: ["Pruned", "scissors"],
  failed: ["Failed", "x"],
  imported: ["Imported", "download"],
};
const SVG = "http://www.w3.org/2000/svg";

/** The sprite's address as the server wrote it into the page (its name carries a hash). */
function sprite() {
  return document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite()}#${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} state @param {{ wordHidden?: boolean }} options */
export function stateBadge(state, { wordHidden = false } = {}) {
  const [word, shape] = SHAPES[state] ?? [state, "circle"];
  const badge = document.createElement("span");
  badge.className = `state state-${state}`;
  badge.append(icon(shape));
  const label = document.createElement("span");
  label.textContent = word;
  if (wordHidden) {
    badge.title = word;
    label.className = "visually-hidden";
  }
  badge.append(label);
  return badge;
}
