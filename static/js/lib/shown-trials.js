/** Which compared trials the charts show, and which one is pointed at. The address holds what is hidden. */
import { keptInAddress } from "./address.js";

/** Dispatches "change". Keys are "code:number", as in the address. */
class ShownTrials extends EventTarget {
  hidden = new Set();
  held = "";

  isShown(key) {
    return !this.hidden.has(key);
  }

  toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.dispatchEvent(new Event("change"));
  }

  hold(key) {
    if (key === this.held) return;
    this.held = key;
    this.dispatchEvent(new Event("change"));
  }
}

export const shownTrials = new ShownTrials();

/** Buttons of the page, one a trial: a press hides its lines, pointing at it lets the others fade. */
export function startShownTrials() {
  const group = document.querySelector(".shown-trials");
  if (!group) return;
  const buttons = [...group.querySelectorAll("[data-trial]")];
  const keys = buttons.map(({ dataset }) => dataset.trial);
  const wanted = (new URLSearchParams(window.location.search).get("hidden") ?? "").split(",");
  shownTrials.hidden = new Set(wanted.filter((key) => keys.includes(key)));
  const keep = keptInAddress((query) => {
    if (shownTrials.hidden.size) query.set("hidden", [...shownTrials.hidden].join(","));
    else query.delete("hidden");
  });
  const mark = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(shownTrials.isShown(button.dataset.trial)));
    const { size } = shownTrials.hidden;
    group.querySelector("[data-shown-words]").textContent = size ? `${size} of ${keys.length} not drawn` : "";
  };
  shownTrials.addEventListener("change", mark);
  for (const button of buttons) {
    const key = button.dataset.trial;
    button.addEventListener("click", () => {
      shownTrials.toggle(key);
      keep();
    });
    for (const begin of ["pointerenter", "focus"]) button.addEventListener(begin, () => shownTrials.hold(key));
    for (const end of ["pointerleave", "blur"]) button.addEventListener(end, () => shownTrials.hold(""));
  }
  mark();
}
