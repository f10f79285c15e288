/** A trial's page: live curves, keys to its neighbours, jump to the log's end. */
import "./elements/learning-curves.js";
import "./elements/prediction-plots.js";
import "./elements/trial-usage.js";
import { onNews } from "./lib/feed.js";
import "./elements/live-feed.js";

const number = Number(document.querySelector("learning-curves")?.getAttribute("trials"));
const NEXT = new Set(["j", "ArrowRight"]);
const PREVIOUS = new Set(["k", "ArrowLeft"]);

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("input, textarea, select, pre, canvas, dialog, .dropdown-menu");
  if (busy || event.metaKey || event.ctrlKey || event.altKey) return;
  const wanted = NEXT.has(event.key) ? "[data-following]" : PREVIOUS.has(event.key) ? "[data-previous]" : null;
  const link = wanted && document.querySelector(wanted);
  if (link?.href) window.location.href = link.href;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-jump]");
  if (!button) return;
  const box = document.querySelector(button.dataset.jump);
  box.scrollTop = box.scrollHeight;
  box.scrollIntoView({ block: "end" });
  box.focus({ preventScroll: true });
});

// Charts above each other share their axis: one choice for all.
let isFollowing = false;
document.addEventListener("change", (event) => {
  const chosen = /** @type {HTMLSelectElement} */ (event.target);
  if (isFollowing || chosen.dataset?.option !== "axis") return;
  isFollowing = true;
  for (const field of document.querySelectorAll('learning-curves [data-option="axis"]')) {
    if (field.value === chosen.value) continue;
    field.value = chosen.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  isFollowing = false;
});

let total = null;
onNews((report) => {
  const mine = report.curves.filter((curve) => curve.trial === number);
  for (const curve of mine) {
    const cell = document.querySelector(`[data-execution="${curve.execution}"] [data-epochs]`);
    if (cell) cell.textContent = String(curve.epochs);
  }
  const row = report.trials?.own.number.indexOf(number) ?? -1;
  if (row >= 0) {
    total = report.trials.own.epochs[row];
    for (const place of document.querySelectorAll('[data-trial="epochs"]')) place.textContent = String(total);
    const shown = document.querySelector(".page-heading .state");
    // The rest of the page (score, failure, log) is the server's: fetch it once when the trial ends.
    const state = report.trials.own.state[row];
    if (shown && !shown.classList.contains(`state-${state}`)) window.location.reload();
  }
}, new AbortController().signal);
