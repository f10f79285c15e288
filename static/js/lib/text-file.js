/** Why the text of a file can't stand in a form; empty when it can. */
export const LONGEST = 150_000; // characters: the whole form may hold 200,000

export function refusalOf(name, text) {
  if (!text.trim()) return `${name} is empty.`;
  if (text.length > LONGEST) return `${name} has more than ${LONGEST.toLocaleString("en")} characters.`;
  if (/[\0\ufffd]/.test(text)) return `${name} isn't UTF-8 text.`;
  return "";
}
