/** Fetching JSON once for all that ask for the same address at the same time. */
const underWay = new Map();

/** @returns {Promise<any>} of the caller's own; rejects where the server refuses or is away */
export async function ask(address) {
  if (!underWay.has(address)) underWay.set(address, text(address).finally(() => underWay.delete(address)));
  return JSON.parse(await underWay.get(address));
}

async function text(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The server returned status ${answer.status}.`);
  return answer.text();
}
