/** Which rows of a long table stand in the document: those in sight and some around. Pure. */

const SPARE = 12; // rows above and below those in sight, so that a quick hand sees no gap

/**
 * @param {{ count: number, row: number, top: number, height: number, opened?: number, detail?: number }} view
 *   row, detail: heights of a row and of what hangs below the opened one; top: how far it is scrolled
 * @returns {{ from: number, to: number, above: number, below: number }} rows from…to-1, and the empty heights around
 */
export function rowWindow({ count, row, top, height, opened = -1, detail = 0 }) {
  const from = Math.max(0, Math.min(rowAt(top, row, opened, detail) - SPARE, count));
  const to = Math.max(from, Math.min(rowAt(top + height, row, opened, detail) + 1 + SPARE, count));
  const whole = offsetOf(count, row, opened, detail);
  return { from, to, above: offsetOf(from, row, opened, detail), below: whole - offsetOf(to, row, opened, detail) };
}

/** How far below the first row's top a row begins. */
export function offsetOf(index, row, opened = -1, detail = 0) {
  return index * row + (opened >= 0 && index > opened ? detail : 0);
}

function rowAt(offset, row, opened, detail) {
  const end = opened < 0 ? Infinity : (opened + 1) * row;
  if (offset < end) return Math.max(0, Math.floor(offset / row));
  return offset < end + detail ? opened : Math.floor((offset - detail) / row);
}
