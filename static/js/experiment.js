/** The experiment's pages: every element of them, and the head's numbers. */
import "./elements/best-so-far.js";
import "./elements/learning-curves.js";
import "./elements/pareto-front.js";
import "./elements/running-trials.js";
import "./elements/selection-bar.js";
import "./elements/side-lists.js";
import "./elements/live-parts.js";
import "./elements/trial-table.js";
import { Ending } from "./lib/ending.js";
import { feed } from "./lib/feed.js";
import { readable } from "./lib/address.js";
import { selection } from "./lib/selection.js";
import { tabTitle, writeHead } from "./lib/head.js";
// Last: it begins to poll, and the others must be listening.
import "./elements/live-feed.js";

const page = document.querySelector("[data-experiment-page]").dataset.experimentPage;
const live = document.querySelector("live-feed");
const ending = new Ending(live.getAttribute("name"), live.getAttribute("state"));
// One selection on all tabs that show trials.
function linkTabs() {
  const query = new URLSearchParams();
  selection.write(query);
  for (const tab of document.querySelectorAll("[data-selects]")) tab.search = readable(query);
}
linkTabs();
selection.addEventListener("change", linkTabs);
feed.addEventListener("news", (event) => {
  writeHead(event.detail.experiment, page);
  const title = tabTitle(document.title, event.detail.experiment);
  if (title !== document.title) document.title = title;
  ending.hear(event.detail.experiment);
});
