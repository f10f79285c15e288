/** Puts a text file that a person chooses into a text area of the form; without scripts, one pastes. */
import { refusalOf } from "../lib/text-file.js";

class FileIntoText extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.stop = new AbortController();
    this.addEventListener("change", () => this.take(), { signal: this.stop.signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  async take() {
    const chooser = this.querySelector("input");
    const [file] = chooser.files;
    if (!file) return;
    const text = await file.text();
    const refusal = refusalOf(file.name, text);
    this.querySelector("[role=status]").textContent = refusal || `Loaded ${file.name}.`;
    chooser.value = ""; // the same file, fixed, can be chosen again
    if (refusal) return;
    const area = /** @type {HTMLTextAreaElement} */ (document.getElementById(this.getAttribute("for")));
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("file-into-text", FileIntoText);
