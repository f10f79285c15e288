/** The importance of the hyperparameters for every chart of the page: asked once, then kept. */
const reports = new Map();

/** @param {string} src @param {boolean} [anew] @returns {Promise<object>} of importance.json */
export function loadImportance(src, anew = false) {
  if (anew || !reports.has(src)) reports.set(src, ask(src).catch((error) => forget(src, error)));
  return reports.get(src);
}

/** What did not arrive is asked for again by whoever asks next. */
function forget(src, error) {
  reports.delete(src);
  throw error;
}

async function ask(src) {
  const answer = await fetch(src);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}
