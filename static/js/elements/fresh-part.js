/** Keeps a part of a page fresh: asks for the page again and swaps this part when it says anything new. */

const EVERY_MS = 4000;

class FreshPart extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    document.addEventListener("visibilitychange", () => this.later(), { signal: this.stop.signal });
    this.later();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  later() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), EVERY_MS);
  }

  async ask() {
    try {
      const response = await fetch(location.href, { signal: this.stop.signal });
      if (response.ok && !response.redirected) this.take(await response.text());
    } catch {
      // the page stays as it is while the server is away; the next question finds it again
    }
    if (!this.stop.signal.aborted) this.later();
  }

  take(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(this.id);
    const reading = this.contains(document.activeElement) || this.querySelector("[open]");
    if (!fresh || reading || fresh.innerHTML === this.innerHTML) return;
    this.replaceChildren(...fresh.childNodes);
  }
}

customElements.define("fresh-part", FreshPart);
