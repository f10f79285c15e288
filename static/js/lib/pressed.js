/** A press ends on the element on which it began, or is lost: what swaps elements waits while a pointer is down. */

let press = null; // resolves when the one that goes on is over
let end = () => {};

/** Resolves once no pointer is down: at once where none is. */
export async function released() {
  while (press) await press;
}

function begin() {
  press ??= /** @type {Promise<void>} */ (new Promise((resolve) => (end = () => resolve())));
}

/** In a task of its own, as the click comes after its pointer is up. */
function finish() {
  if (!press) return;
  setTimeout(() => {
    press = null;
    end();
  });
}

const listening = { capture: true, passive: true };
globalThis.addEventListener?.("pointerdown", begin, listening);
for (const name of ["pointerup", "pointercancel", "blur"]) globalThis.addEventListener?.(name, finish, listening);
// A pointer that came up where no page hears of it.
globalThis.addEventListener?.("pointermove", ({ buttons }) => buttons === 0 && finish(), listening);
