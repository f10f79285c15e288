/** The comparison's page: overlaid curves, equal hyperparameters, and adding trials to the address. */
import "./elements/compared-curves.js";
import { withTrials } from "./lib/compare-address.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-toggle-equal]");
  if (!button) return;
  const rows = document.getElementById(button.getAttribute("aria-controls"));
  rows.hidden = !rows.hidden;
  button.setAttribute("aria-expanded", String(!rows.hidden));
  button.textContent = rows.hidden ? "Show equal" : "Hide equal";
});

document.querySelector("[data-pick]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const fields = new FormData(form);
  const query = withTrials(form.dataset.keys, fields.get("code"), fields.get("numbers"), Number(form.dataset.most));
  window.location.search = query;
});
