/** What the palette lists: commands that the page offers, and the order in which words find them. Pure. */

/**
 * @typedef {{ label: string, group: string, href?: string, element?: HTMLElement }} Command
 */

/** Lower case and without accents, so that "élan" is found by "elan". */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
}

/**
 * How well the words fit: 0 where one is missing; more where they begin words of the label.
 * @param {string} text what was typed
 * @param {Command} command
 */
export function fit(text, { label, group }) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  const name = folded(label);
  const all = `${folded(group)} ${name}`;
  let sum = 1;
  for (const word of words) {
    if (!all.includes(word)) return 0;
    if (name.startsWith(word)) sum += 4;
    else if (name.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) sum += 2;
    else if (name.includes(word)) sum += 1;
  }
  return sum;
}

/**
 * The commands that fit, the best first; equals keep their order.
 * @param {string} text
 * @param {Command[]} commands
 */
export function fitting(text, commands) {
  return commands
    .map((command, place) => ({ command, place, worth: fit(text, command) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth || a.place - b.place)
    .map(({ command }) => command);
}

/**
 * A bare number names a trial of the experiment whose page it is.
 * @param {string} text
 * @param {string|undefined} page the experiment's address
 * @returns {Command[]}
 */
export function trialCommand(text, page) {
  const number = /^(?:trial\s*|#)?(\d{1,6})$/i.exec(text.trim())?.[1];
  if (!page || number === undefined) return [];
  return [{ label: `Trial ${Number(number)}`, group: "This experiment", href: `${page}trials/${Number(number)}/` }];
}
