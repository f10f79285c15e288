/** The experiment's trials for every element of the page: fetched once, then kept by the live feed. */
import { feed, isOf } from "./feed.js";
import { Kept } from "./kept.js";
import { TrialStore } from "./trial-store.js";

const stores = new Kept();

/** @param {string} src @returns {Promise<TrialStore>} the same store for everybody who asks */
export const loadHistory = (src) => stores.get(src, () => fetchStore(src));

async function fetchStore(src) {
  const early = []; // news may be here before an older answer is
  const keep = (event) => early.push(event.detail);
  feed.addEventListener("news", keep);
  try {
    const answer = await fetch(src);
    if (!answer.ok) throw new Error(`The server returned status ${answer.status}.`);
    const store = new TrialStore(await answer.json());
    for (const report of early) await follow(store, src, report);
    feed.addEventListener("news", (event) => follow(store, src, event.detail));
    return store;
  } finally {
    feed.removeEventListener("news", keep);
  }
}

/** Merge what changed; a report without rows says that too much did: load everything again. */
async function follow(store, src, report) {
  if (!isOf(report, src)) return;
  let touched = null;
  if (report.trials) {
    store.maxTrials = report.experiment.max_trials;
    touched = store.merge(report.trials);
  } else {
    const answer = await fetch(src);
    if (!answer.ok) return;
    const whole = await answer.json();
    touched = store.merge(whole.trials);
  }
  if (touched.length) feed.dispatchEvent(new CustomEvent("trials", { detail: { store, touched } }));
}
