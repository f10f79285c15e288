// Looks each second whether a version is still being prepared, shows how far its download is, and opens
// the page anew when it is ready or failed.

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
      if (answer.ok) {
        const found = await answer.json();
        if (found.state !== this.dataset.state) {
          location.reload();
          return;
        }
        this.show(found);
      }
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    this.timer = setTimeout(() => this.look(), document.hidden ? 5000 : 1000);
  }

  show({ progress, share }) {
    if (progress === undefined) return;
    this.querySelector("[data-progress]").textContent = progress;
    this.querySelector("progress").value = share;
  }
}
customElements.define("wait-for-state", WaitForState);
