/** Fields of a configuration: those that the other values make inactive are put away while typing. */

class ConditionFields extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.show());
    this.show();
  }

  show() {
    const active = new Map();
    const fields = [...this.querySelectorAll("[data-field]")];
    // Parents may stand below their children: as many rounds as there are fields settle any order.
    for (let round = 0; round < fields.length; round += 1) {
      let isSettled = true;
      for (const field of fields) {
        const now = this.isActive(field, active);
        isSettled &&= active.get(field.dataset.field) === now;
        active.set(field.dataset.field, now);
      }
      if (isSettled) break;
    }
    for (const field of fields) field.hidden = !active.get(field.dataset.field);
  }

  isActive(field, active) {
    const { parent } = field.dataset;
    if (!parent) return true;
    const input = this.querySelector(`[data-field="${CSS.escape(parent)}"]`)?.querySelector("input, select");
    // A fixed parent has no field here: the server has judged it.
    if (!input) return !field.classList.contains("is-inactive");
    const values = [...field.querySelectorAll("data")].map((each) => each.value);
    return active.get(parent) !== false && values.includes(input.value.trim());
  }
}

customElements.define("condition-fields", ConditionFields);
