/** Asks an address again and again with a cursor; tells what came and how old the news is. */

export const EVERY_MS = 1000;
export const RESTING_MS = 5000;
export const HIDDEN_MS = 15000;
export const LOST_MS = 10000;

/**
 * How long to wait until the next question.
 * @param {{ hidden: boolean, active: boolean, failures: number }} situation
 */
export function pause({ hidden, active, failures }) {
  if (hidden) return HIDDEN_MS;
  const base = active ? EVERY_MS : RESTING_MS;
  return Math.min(base * 2 ** Math.min(failures, 2), Math.max(base, 4000));
}

/** One address that is asked with a cursor. Dispatches "news" (detail: the report) and "beat". */
export class Poller extends EventTarget {
  #abort = new AbortController();
  #timer = 0;
  #failures = 0;
  #asking = false;

  /** @param {string} src @param {string} cursor @param {() => boolean} isActive */
  constructor(src, cursor, isActive) {
    super();
    this.src = src;
    this.cursor = cursor;
    this.isActive = isActive;
    this.heard = Date.now();
  }

  start() {
    document.addEventListener("visibilitychange", () => this.soon(), { signal: this.#abort.signal });
    window.addEventListener("online", () => this.soon(), { signal: this.#abort.signal });
    this.#timer = setTimeout(() => this.#ask(), EVERY_MS); // the page is as new as its cursor
  }

  stop() {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  get isLost() {
    return this.#failures > 0 && Date.now() - this.heard > LOST_MS;
  }

  /** Ask now, unless a question is under way or the tab is hidden. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), 0);
  }

  async #ask() {
    if (this.#asking || this.#abort.signal.aborted) return;
    this.#asking = true;
    const began = Date.now();
    try {
      await this.#question();
      this.#failures = 0;
      this.heard = Date.now();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures += 1;
      this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
    } finally {
      this.#asking = false;
    }
    this.dispatchEvent(new Event("beat"));
    const wait = pause({ hidden: document.hidden, active: this.isActive(), failures: this.#failures });
    this.#timer = setTimeout(() => this.#ask(), Math.max(100, wait - (Date.now() - began)));
  }

  async #question() {
    const address = `${this.src}?cursor=${encodeURIComponent(this.cursor)}`;
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(8000)]);
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (answer.status === 204) return;
    // A redirect to the sign-in page answers 200 with HTML: the session is over.
    if (!answer.ok || answer.redirected) throw new Error(`The server answered ${answer.status}.`);
    const report = await answer.json();
    this.cursor = report.cursor;
    this.dispatchEvent(new CustomEvent("news", { detail: report }));
  }
}
