/** The comparison's address query with more trials. Pure. */

/** @param {string} keys "code:number,…" @param {string} code @param {string} numbers "4, 12" @param {number} most */
export function withTrials(keys, code, numbers, most) {
  const added = numbers.split(",").map((word) => word.trim()).filter((word) => /^\d+$/.test(word)).map((word) => `${code}:${Number(word)}`);
  const all = [...new Set([...keys.split(",").filter(Boolean), ...added])].slice(0, most);
  return `?trials=${all.join(",")}`;
}
