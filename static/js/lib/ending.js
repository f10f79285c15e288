/** What a page says when the search that it shows comes to rest: a word in the tab, and a note. */
import { el } from "./dom.js";
import { figures } from "./format.js";
import { ACTIVE } from "./head.js";
import { tabIcon } from "./tab-icon.js";

const WORDS = { completed: "is complete", failed: "has failed", stopped: "was stopped", paused: "is paused" };
const MARKS = { completed: "✓", failed: "✕", stopped: "■", paused: "‖" };

/** "✓ name · Tuning Site" once it rests. Pure. */
export function restingTitle(title, state) {
  const bare = title.replace(/^(\d+ %|[✓✕■‖]) · /, "");
  return MARKS[state] ? `${MARKS[state]} · ${bare}` : bare;
}

/** The note's sentence; empty where there is nothing to tell. Pure. */
export function restingWords(name, { state, best }) {
  if (!WORDS[state]) return "";
  const found = best ? ` Best search score ${figures(best.score)}, trial ${best.number}.` : "";
  const expected = typeof best?.expected.value === "number" ? ` Expected on new rows: ${best.expected.text}.` : "";
  return `${name} ${WORDS[state]}.${found}${expected}`;
}

export class Ending {
  /** @param {string} name the experiment's @param {string} state when the page was drawn */
  constructor(name, state) {
    this.name = name;
    this.wasActive = ACTIVE.has(state);
  }

  /** @param {ReportJson} head `experiment` of a live report */
  hear(head) {
    const isActive = ACTIVE.has(head.state);
    if (isActive || this.wasActive) setIcon(tabIcon(head.state, head.percent));
    if (this.wasActive && !isActive) {
      document.title = restingTitle(document.title, head.state);
      tell(restingWords(this.name, head));
    }
    this.wasActive = isActive;
  }
}

function setIcon(address) {
  const link = document.querySelector('link[rel="icon"]');
  if (link && link.getAttribute("href") !== address) link.setAttribute("href", address); // the same again would be drawn again
}

/** A note that stays until somebody closes it: people come back to the tab much later. */
function tell(words) {
  if (!words) return;
  const close = el("button", { class: "btn-close", type: "button", "aria-label": "Close" });
  const note = el("div", { class: "toast-note", role: "status" }, el("span", {}, words), close);
  close.addEventListener("click", () => note.remove(), { once: true });
  document.querySelector(".toast-note")?.remove();
  document.body.append(note);
}
