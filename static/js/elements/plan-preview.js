/** Asks what the form means while somebody types, and takes the form anew when data or model change. */
import { changedControls, formBody, placeProblems } from "../lib/form-fields.js";

const PAUSE = 350; // milliseconds without typing before the server is asked

class PlanPreview extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("input", (event) => this.typed(event), { signal });
    this.addEventListener("change", (event) => this.changed(event), { signal });
    this.addEventListener("plan-changed", () => this.refresh(), { signal });
    this.catchUp();
  }

  /** Follow what was chosen before this script was there to hear it. */
  catchUp() {
    const changed = changedControls(this.form);
    for (const list of this.querySelectorAll("[data-chooses]")) this.showOptions(list);
    if (changed.some((control) => control.matches("[data-refreshes]"))) this.refresh();
    else if (changed.length > 0 || this.hasAttribute("data-unchecked")) this.ask();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
    this.asking?.abort();
    this.drawing?.abort();
  }

  get form() {
    return /** @type {HTMLFormElement} */ (this.closest("form"));
  }

  typed(event) {
    if (event.target.matches("[data-refreshes]")) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  changed(event) {
    if (event.target.matches("[data-refreshes]")) this.refresh();
    if (event.target.matches("[data-chooses]")) this.showOptions(event.target);
  }

  /** Show the options of what a list (sampler, pruner, split) has chosen; an option may be for several. */
  showOptions({ dataset, value }) {
    for (const options of this.querySelectorAll(`[data-options-of="${dataset.chooses}"]`)) {
      options.hidden = !options.dataset.for.split(" ").includes(value);
    }
  }

  /** Ask for the panels, the histograms and the problems of the form as it stands. */
  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const panel = this.querySelector("[data-meaning]");
    panel.toggleAttribute("data-busy", true);
    try {
      const response = await fetch(this.dataset.preview, {
        method: "POST",
        body: formBody(this.form),
        signal: this.asking.signal,
      });
      if (!response.ok) return;
      this.show(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") this.dataset.lost = "";
    } finally {
      panel.toggleAttribute("data-busy", false);
    }
  }

  show(answer) {
    this.querySelector("[data-meaning]").innerHTML = answer.html;
    for (const place of this.querySelectorAll("[data-says]")) {
      place.textContent = answer.says[place.dataset.says];
      place.hidden = !place.textContent;
    }
    const size = this.querySelector("[data-size]");
    if (size) size.textContent = answer.size_words || "unknown while a row is in red";
    for (const row of this.querySelectorAll("[data-mode]")) {
      const cell = row.querySelector("[data-histogram]");
      const histogram = answer.histograms[row.dataset.name];
      cell.innerHTML = row.dataset.mode === "fixed" || !histogram ? "" : histogram.html;
    }
    this.mark(placeProblems(answer.problems));
  }

  mark({ fields, rows, cells }) {
    for (const place of this.querySelectorAll("[data-error-for]")) {
      const message = fields.get(place.dataset.errorFor) ?? "";
      place.textContent = message;
      place.hidden = !message;
      place.closest(".field")?.classList.toggle("has-error", Boolean(message));
    }
    for (const place of this.querySelectorAll("[data-error-row]")) {
      const messages = rows.get(place.dataset.errorRow) ?? [];
      place.hidden = messages.length === 0;
      place.querySelector(".error").textContent = messages.join(" ");
    }
    for (const input of this.querySelectorAll("input, select, textarea")) {
      const wrong = cells.has(input.name) || fields.has(input.name);
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  /** Data, model or layers changed: the server draws the questions anew, what was typed stays. */
  async refresh() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.drawing?.abort(); // an answer to an older change would undo the newer one
    this.drawing = new AbortController();
    const body = formBody(this.form);
    body.set("action", "refresh");
    let text;
    try {
      const request = { method: "POST", body, signal: this.drawing.signal };
      const response = await fetch(this.form.getAttribute("action"), request);
      if (!response.ok) return;
      text = await response.text();
    } catch (error) {
      if (error.name !== "AbortError") this.dataset.lost = "";
      return;
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement;
    const address = focused instanceof HTMLElement && this.contains(focused) ? selectorOf(focused) : "";
    const form = fresh.getElementById(this.form.id);
    for (const name of ["space_model", "space_data", "auto_name"]) {
      /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name)).value = form.querySelector(`[name="${name}"]`).value;
    }
    this.querySelector(".plan-questions").replaceWith(form.querySelector(".plan-questions"));
    this.querySelector("[data-meaning]").replaceWith(form.querySelector("[data-meaning]"));
    if (address) this.querySelector(address)?.focus({ preventScroll: true });
    await this.ask(); // what was wrong before is still wrong, and must still say so
  }
}

function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name");
  if (!name) return "";
  const value = element.matches("[type=radio]") ? `[value="${CSS.escape(element.value)}"]` : "";
  return `[name="${CSS.escape(name)}"]:not([type=hidden])${value}`;
}

customElements.define("plan-preview", PlanPreview);
