/** The experiment's trials for every element of the page: fetched once, then kept by the live feed. */
import { feed, isOf } from "./feed.js";
import { TrialStore } from "./trial-store.js";

const stores = new Map();

/** @param {string} src @returns {Promise<TrialStore>} the same store for everybody who asks */
export function loadHistory(src) {
  if (!stores.has(src)) stores.set(src, fetchStore(src).catch((error) => forget(src, error)));
  return stores.get(src);
}

/** What did not arrive is asked for again by whoever asks next. */
function forget(src, error) {
  stores.delete(src);
  throw error;
}

async function fetchStore(src) {
  const answer = await fetch(src);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const store = new TrialStore(await answer.json());
  feed.addEventListener("news", (event) => follow(store, src, event.detail));
  return store;
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
