/** The comparison's page: overlaid curves, parallel coordinates, its tables, and adding trials to the address. */
import "./elements/compared-curves.js";
import "./elements/compared-coordinates.js";
import "./elements/compared-now.js";
import { writeAddress } from "./lib/address.js";
import { withTrials } from "./lib/compare-address.js";
import { startDifferences } from "./lib/difference-rows.js";
import { startShownTrials } from "./lib/shown-trials.js";

startDifferences();
startShownTrials();

document.querySelector("[data-pick]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const fields = new FormData(form);
  writeAddress();
  window.location.search = withTrials(window.location.search, form.dataset.keys, String(fields.get("code")), String(fields.get("numbers")), Number(form.dataset.most));
});
