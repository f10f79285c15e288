/** Shows in each row of the space the inputs that count: a range, choices, yes or no, or one value. */

class SpaceTable extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    this.addEventListener("change", (event) => this.changed(event), { signal: this.stop.signal });
    for (const row of this.querySelectorAll("[data-mode]")) showMode(row); // changed before this ran
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  changed(event) {
    if (!event.target.matches("[data-tune], [data-type]")) return;
    const row = event.target.closest("[data-mode]");
    const tuned = showMode(row);
    const value = row.querySelector(`[name="space-${row.dataset.index}-value"]`);
    const start = row.querySelector(`[name="space-${row.dataset.index}-default"]`);
    if (!tuned && !value.value) value.value = start.value;
  }
}

/**
 * @param {HTMLElement} row
 * @returns {boolean} whether it is searched
 */
function showMode(row) {
  const tuned = row.querySelector("[data-tune]").checked;
  row.dataset.mode = rowMode(tuned, row.querySelector("[data-type]").value);
  return tuned;
}

/**
 * @param {boolean} tuned
 * @param {string} type
 */
export function rowMode(tuned, type) {
  if (!tuned) return "fixed";
  return type === "choice" || type === "boolean" ? type : "range";
}

if (globalThis.customElements) customElements.define("space-table", SpaceTable);
