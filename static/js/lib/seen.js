/** Waiting until an element is on the screen: what lies below it needs no data and no picture yet. */

/** @param {Element} element @param {AbortSignal} signal ends the waiting, which then never resolves */
export function seen(element, signal) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(element);
    signal.addEventListener("abort", () => watch.disconnect(), { once: true });
  }));
}

/** Tells whenever an element comes onto the screen or leaves it. @param {(isOn: boolean) => void} tell */
export function watchSight(element, signal, tell) {
  const watch = new IntersectionObserver((entries) => tell(entries.at(-1).isIntersecting));
  watch.observe(element);
  signal.addEventListener("abort", () => watch.disconnect(), { once: true });
}
