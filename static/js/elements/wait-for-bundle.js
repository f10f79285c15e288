/** Asks until the zip of a model is ready, then starts the download and says so. */

export const EVERY_MS = 1500;

/**
 * What the page should do after an answer.
 * @param {{ state: string, message: string }} answer
 * @returns {"wait" | "download" | "reload"}
 */
export function nextStep(answer) {
  if (answer.state === "ready") return "download";
  return answer.state === "failed" ? "reload" : "wait";
}

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** Attributes: src (state as JSON), href (the zip). Parts: data-title, data-text, data-message. */
export class WaitForBundle extends Base {
  #abort = new AbortController();
  #timer = 0;

  connectedCallback() {
    this.#later();
  }

  disconnectedCallback() {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  #later() {
    this.#timer = setTimeout(() => this.#ask(), EVERY_MS);
  }

  async #ask() {
    try {
      const answer = await fetch(this.getAttribute("src"), { signal: this.#abort.signal });
      if (!answer.ok) throw new TypeError(`status ${answer.status}`);
      this.#act(await answer.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#say("message", "No response from the server. Trying again.");
      this.#later();
    }
  }

  #act(answer) {
    const step = nextStep(answer);
    if (step === "wait") {
      this.#say("message", answer.message);
      this.#later();
    } else if (step === "reload") {
      window.location.reload();
    } else {
      this.#say("title", "The download has started");
      this.#say("text", "If nothing happens, use the button.");
      this.#say("message", "");
      window.location.assign(this.getAttribute("href"));
    }
  }

  #say(part, words) {
    const place = this.querySelector(`[data-${part}]`);
    if (place) place.textContent = words;
  }
}

if (globalThis.customElements) customElements.define("wait-for-bundle", WaitForBundle);
