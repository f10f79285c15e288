/** The experiment's pages: every element of them, and the head's numbers. */
import "./elements/best-so-far.js";
import "./elements/learning-curves.js";
import "./elements/running-trials.js";
import "./elements/rung-table.js";
import "./elements/side-lists.js";
import "./elements/taken-over.js";
import "./elements/trial-table.js";
import { feed } from "./lib/feed.js";
import { tabTitle, writeHead } from "./lib/head.js";
// Last: it begins to poll, and the others must be listening.
import "./elements/live-feed.js";

const page = window.location.pathname.replace(/(trials|analysis|protocol|log|edit|queue)\/$/, "");
feed.addEventListener("news", (event) => {
  writeHead(event.detail.experiment, page);
  document.title = tabTitle(document.title, event.detail.experiment);
});
