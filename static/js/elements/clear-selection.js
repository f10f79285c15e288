/** Says which entries of its list were ticked by default, and takes them away; gone once they are changed. */

class ClearSelection extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.byDefault = this.boxes.filter((box) => box.defaultChecked);
    this.list.addEventListener("change", () => this.show(), { signal });
    this.button.addEventListener("click", () => this.clear(), { signal });
    this.button.hidden = false;
    this.show();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  get list() {
    return this.closest("fieldset");
  }

  get button() {
    return this.querySelector("button");
  }

  get boxes() {
    return [...this.list.querySelectorAll("input[type=checkbox]")];
  }

  show() {
    this.hidden = this.boxes.some((box) => box.checked !== this.byDefault.includes(box));
  }

  clear() {
    const ticked = this.boxes.filter((box) => box.checked);
    for (const box of ticked) box.checked = false;
    // One word for all of them: the form is asked once, and kept once.
    for (const name of ["input", "change"]) ticked[0]?.dispatchEvent(new Event(name, { bubbles: true }));
    ticked[0]?.focus({ preventScroll: true });
  }
}

customElements.define("clear-selection", ClearSelection);
