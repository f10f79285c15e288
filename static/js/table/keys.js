/** Keys of the trial table: j k move, enter opens, x chooses, c compares, / filters, escape closes. */

/** @param {{ move: (step: number) => void, open: () => void, choose: () => void, compare: () => void, filter: () => void, close: () => boolean|void }} acts */
export function watchKeys(acts, signal) {
  const keys = {
    j: () => acts.move(1),
    k: () => acts.move(-1),
    x: acts.choose,
    c: acts.compare,
    "/": acts.filter,
    Enter: acts.open,
    Escape: acts.close,
  };
  // Before the shell's: "/" is its search elsewhere.
  window.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(keys, event.key) || event.metaKey || event.ctrlKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, .dropdown-menu")) return;
    if (event.key === "Enter" && target.closest("a, button, summary")) return;
    if (keys[event.key]() === false) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true, signal });
}
