/** How each line of parallel coordinates is drawn: by the rank of its score, the best ones last. Pure. */

const TELLING = 20; // best trials that stand out however many there are
const UNSCORED = ["waiting", "running", "paused", "pruned", "stopped", "failed"];

/** Fewer lines are drawn stronger; many tell where they are dense. */
export const alphaOf = (count) => Math.min(0.85, Math.max(0.04, 150 / Math.max(1, count)));

/** Indices of the trials that have a score, the worst first. @param {import("../lib/trial-store.js").TrialStore} store */
export function worstFirst(store) {
  const { score, state } = store.own;
  const sign = store.direction === "minimize" ? -1 : 1;
  const found = [...score.keys()].filter((index) => score[index] !== null && state[index] !== "failed" && !store.own.set_aside?.[index]);
  return found.sort((a, b) => sign * (score[a] - score[b]));
}

/**
 * @param {import("../lib/trial-store.js").TrialStore} store
 * @param {number[]} ranking of all trials, from `worstFirst`: a line keeps its colour whatever is brushed
 * @param {Set<number>} kept indices of the trials to draw
 * @param {number} shades of the colour scale
 * @returns {{ kind: string, shade: number, alpha: number, width: number, indices: number[] }[]} in the order of drawing:
 * trials without a score by state, then by score from the worst to the best
 */
export function lineGroups(store, ranking, kept, shades) {
  const alpha = alphaOf(kept.size);
  const scored = new Set(ranking);
  const groups = UNSCORED.map((state) => ({ kind: state, shade: -1, alpha: Math.max(alpha, 0.12), width: 1, indices: [] }));
  for (const index of kept) if (!scored.has(index)) groups[UNSCORED.indexOf(store.own.state[index])]?.indices.push(index);
  const bins = (more) => Array.from({ length: shades }, (_, shade) => ({ kind: "scored", shade, alpha, width: 1, ...more, indices: [] }));
  const [many, telling] = [bins({}), bins({ alpha: Math.max(alpha, 0.75), width: 1.5 })];
  const drawn = ranking.map((index, rank) => ({ index, rank })).filter(({ index }) => kept.has(index));
  drawn.forEach(({ index, rank }, at) => {
    const shade = ranking.length < 2 ? shades - 1 : Math.min(shades - 1, Math.floor((rank / (ranking.length - 1)) * shades));
    (at < drawn.length - TELLING ? many : telling)[shade].indices.push(index);
  });
  return [...groups, ...many, ...telling].filter(({ indices }) => indices.length);
}
