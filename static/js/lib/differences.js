/** Walking through the rows in which a table's columns differ. Pure. */

/** The place to go to: round and round; -1 where there is none. @param {number} at now, -1 before the first */
export function nextPlace(at, count, step) {
  if (!count) return -1;
  if (at < 0) return step > 0 ? 0 : count - 1;
  return (at + step + count) % count;
}

/** "learning_rate: 3 of 4 differ from the base · difference 2 of 5" */
export function placeWords(name, differing, columns, at, count) {
  return `${name}: ${differing} of ${columns} differ${differing === 1 ? "s" : ""} from the base · difference ${at + 1} of ${count}`;
}
