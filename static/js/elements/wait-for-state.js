// Looks each second whether a version is still being prepared, and opens the page anew when it is not.

class WaitForState extends HTMLElement {
  connectedCallback() {
    this.ended = new AbortController();
    this.look();
  }

  disconnectedCallback() {
    this.ended.abort();
    clearTimeout(this.timer);
  }

  async look() {
    try {
      const answer = await fetch(this.dataset.src, { signal: this.ended.signal });
      if (answer.ok && (await answer.json()).state !== this.dataset.state) {
        location.reload();
        return;
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      console.warn("The server did not answer; asking again.", error);
    }
    this.timer = setTimeout(() => this.look(), document.hidden ? 5000 : 1000);
  }
}
customElements.define("wait-for-state", WaitForState);
