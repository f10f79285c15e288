/** The edit page: shows the options of the chosen sampler and pruner, and opens the review as a dialog. */

class EditForm extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("change", (event) => this.changed(event), { signal });
    this.addEventListener("click", (event) => this.pressed(event), { signal });
    for (const list of this.querySelectorAll("[data-chooses]")) showOptions(this, list);
    this.openReview();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  changed({ target }) {
    if (target.matches("[data-chooses]")) showOptions(this, target);
  }

  pressed({ target }) {
    if (target.closest("[data-close]")) this.querySelector("[data-review]").close();
  }

  /** It stands open in the page for those without scripts. */
  openReview() {
    const review = this.querySelector("[data-review]");
    if (!review) return;
    review.close();
    review.showModal();
  }
}

function showOptions(element, { dataset, value }) {
  for (const options of element.querySelectorAll(`[data-options-of="${dataset.chooses}"]`)) {
    options.hidden = options.dataset.for !== value;
  }
}

customElements.define("edit-form", EditForm);
