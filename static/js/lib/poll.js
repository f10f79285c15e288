/** What happens to an experiment, as it happens: pushed over one open connection, or polled. */

export const EVERY_MS = 1000;
export const RESTING_MS = 5000;
export const HIDDEN_MS = 15000;
export const LOST_MS = 10000;
export const LONGEST_MS = 300_000; // until a connection is tried again that never held

/**
 * How long to wait until the next question.
 * @param {{ hidden: boolean, active: boolean, failures: number }} situation
 */
export function pause({ hidden, active, failures }) {
  if (hidden) return HIDDEN_MS;
  const base = active ? EVERY_MS : RESTING_MS;
  return Math.min(base * 2 ** Math.min(failures, 2), Math.max(base, 4000));
}

/** How long to ask before an open connection is tried again, after so many that did not hold. @param {number} broken */
export const restMs = (broken) => Math.min(EVERY_MS * 4 ** broken, LONGEST_MS);

/**
 * One address that is asked with a cursor, and one that tells of itself while the tab is seen.
 * Dispatches "news" (detail: the report) and "beat".
 */
export class Poller extends EventTarget {
  #abort = new AbortController();
  #timer = 0;
  #failures = 0;
  #asking = false;
  #stream = null;
  #timeout = 0; // timer that ends a connection without messages
  #broken = 0; // connections in a row that ended before they had held for a while
  #openAgain = 0; // not before

  /** @param {string} src @param {string} cursor @param {() => boolean} isActive @param {string} follow empty: it polls only */
  constructor(src, cursor, isActive, follow = "") {
    super();
    this.src = src;
    this.cursor = cursor;
    this.isActive = isActive;
    this.follow = follow;
    this.received = Date.now();
  }

  start() {
    const { signal } = this.#abort;
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    window.addEventListener("online", () => this.soon(), { signal });
    // The page is as new as its cursor, and has enough to do.
    this.#timer = setTimeout(() => (this.#mayOpen() ? this.#open() : this.#ask()), EVERY_MS);
  }

  stop() {
    this.#abort.abort();
    this.#close();
    clearTimeout(this.#timer);
  }

  get isLost() {
    return this.#failures > 0 && Date.now() - this.received > LOST_MS;
  }

  /** Whether the server pushes news. */
  get isPushed() {
    return this.#stream !== null;
  }

  /** Poll now, unless a request is under way or the server pushes news. */
  soon() {
    if (this.#stream) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), 0);
  }

  /** A hidden tab gives its connection up: a browser has six to a server, for all tabs. */
  #seen() {
    if (document.hidden && this.#stream) {
      this.#close();
      this.#later(HIDDEN_MS);
    } else this.soon();
  }

  #mayOpen() {
    if (!this.follow || this.#stream || this.#abort.signal.aborted) return false;
    return !document.hidden && Date.now() >= this.#openAgain;
  }

  #open() {
    const began = Date.now();
    const stream = new EventSource(`${this.follow}?cursor=${encodeURIComponent(this.cursor)}`);
    this.#stream = stream;
    const isAlive = () => {
      this.#failures = 0;
      this.received = Date.now();
      clearTimeout(this.#timeout);
      this.#timeout = setTimeout(() => this.#ended(began), LOST_MS);
    };
    this.#timeout = setTimeout(() => this.#ended(began), LOST_MS);
    stream.addEventListener("open", () => this.dispatchEvent(new Event("beat")));
    stream.addEventListener("beat", isAlive);
    stream.addEventListener("message", (event) => {
      isAlive();
      this.#take({ ...JSON.parse(event.data), cursor: event.lastEventId });
    });
    stream.addEventListener("error", () => this.#ended(began));
  }

  #close() {
    clearTimeout(this.#timeout);
    this.#stream?.close();
    this.#stream = null;
  }

  /** Poll once; the connection is opened again when the server answers. */
  #ended(began) {
    this.#close();
    this.#broken = Date.now() - began > 2 * LOST_MS ? 0 : this.#broken + 1;
    this.#openAgain = Date.now() + restMs(this.#broken);
    this.soon();
  }

  #take(report) {
    this.cursor = report.cursor;
    this.dispatchEvent(new CustomEvent("news", { detail: report }));
  }

  async #ask() {
    if (this.#asking || this.#abort.signal.aborted) return;
    this.#asking = true;
    const began = Date.now();
    try {
      await this.#question();
      this.#failures = 0;
      this.received = Date.now();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures += 1;
      this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
    } finally {
      this.#asking = false;
    }
    if (!this.#failures && this.#mayOpen()) this.#open();
    else this.#later(pause({ hidden: document.hidden, active: this.isActive(), failures: this.#failures }) - (Date.now() - began));
    this.dispatchEvent(new Event("beat"));
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), Math.max(100, wait));
  }

  async #question() {
    const address = `${this.src}?cursor=${encodeURIComponent(this.cursor)}`;
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(8000)]);
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (answer.status === 204) return;
    // A redirect to the sign-in page answers 200 with HTML: the session is over.
    if (!answer.ok || answer.redirected) throw new Error(`The server returned status ${answer.status}.`);
    this.#take(await answer.json());
  }
}
