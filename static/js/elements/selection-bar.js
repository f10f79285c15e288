/** <selection-bar>: what is brushed, filtered and chosen, and what can be done with it. Hidden while nothing is. */
import { readable } from "../lib/address.js";
import { el } from "../lib/dom.js";
import { csv, saveText } from "../lib/download.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { thousands } from "../lib/format.js";
import { loadHistory } from "../lib/history.js";
import { actedOn, brushWords, columnsOf, comparedAddress, countWords } from "../lib/selected.js";
import { selection } from "../lib/selection.js";
import { icon } from "../lib/states.js";

const MOST_ASIDE = 500; // as the server takes

class SelectionBar extends HTMLElement {
  async connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.addEventListener("click", (event) => this.#press(event), { signal });
    selection.addEventListener("change", () => this.#later(), { signal });
    feed.addEventListener("trials", () => this.#later(), { signal });
    try {
      this.store = await loadHistory(this.getAttribute("src"));
    } catch {
      return; // the charts and the table say what went wrong
    }
    this.#show();
  }

  disconnectedCallback() {
    this.abort.abort();
    cancelAnimationFrame(this.frame);
  }

  #later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.#show());
  }

  #show() {
    if (!this.store) return;
    this.names = columnsOf(this.store);
    this.isUnread = false;
    /** @type {(index: number) => boolean} */
    let keeps = () => true;
    try {
      keeps = selection.keeps(this.store, this.names);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.isUnread = true; // the filter's own field says so: it selects nothing that could be acted on
    }
    this.hidden = !(selection.isNarrow && !this.isUnread) && !selection.chosen.length;
    if (this.hidden) return;
    this.kept = [...this.store.own.number.keys()].filter(keeps);
    this.numbers = actedOn(this.store, this.kept, selection.chosen);
    this.querySelector("[data-in]").textContent = countWords(this.kept.length, this.store.size, selection.chosen.length, selection.isNarrow);
    this.querySelector("[data-chips]").replaceChildren(...this.#chips());
    this.#acts();
  }

  #chips() {
    const chip = (words, what, key = "") => {
      const text = el("span", {}, words);
      text.dir = "auto";
      return el("button", { class: "chip chip-accent selection-chip", type: "button", "data-lift": what, "data-key": key, title: `Remove ${words}` }, text, icon("x"));
    };
    const missing = selection.missing(this.names);
    const brushes = [...selection.brushes].map(([key, brush]) => {
      const label = key === "score" ? this.store.objective : key === "planned_epochs" ? "max epochs" : key;
      return chip(brushWords(label, brush) + (missing.includes(key) ? " (no such column)" : ""), "brush", key);
    });
    return [
      ...(selection.filter && !this.isUnread ? [chip(selection.filter, "filter")] : []),
      ...brushes,
      ...(selection.chosen.length ? [chip(`${thousands(selection.chosen.length)} selected`, "chosen")] : []),
    ];
  }

  #asideButton() {
    const button = this.querySelector("[data-aside]");
    if (!button) return;
    const isMany = this.numbers.length > MOST_ASIDE;
    button.disabled = !this.numbers.length || isMany;
    button.title = this.areAside ? "Include in sampler, best and winner again" : isMany ? `At most ${MOST_ASIDE} at once: narrow the filter` : "Exclude from sampler, best and winner";
    button.lastElementChild.textContent = this.areAside ? "Include again" : "Set aside";
  }

  /** Each act with its address, or with the reason why not. */
  #acts() {
    this.#asideButton();
    const { numbers } = this;
    const most = Number(this.getAttribute("most"));
    const first = numbers[0];
    const query = new URLSearchParams();
    selection.write(query);
    this.#act("compare", numbers.length < 2 ? "" : comparedAddress(this.getAttribute("compare"), this.getAttribute("code"), numbers, most),
      numbers.length < 2 ? "Two trials are needed" : numbers.length > most ? `Compare the ${selection.chosen.length ? "first" : "best"} ${most} of them` : `Compare these ${numbers.length} trials`);
    this.#act("try", first === undefined ? "" : `${this.getAttribute("queue")}?trial=${first}`,
      first === undefined ? "No trial matches" : `Open the form with the values of trial ${first}${numbers.length > 1 ? ", the first of them" : ""}`);
    this.#act("shrink", numbers.length ? `${this.getAttribute("shrink")}?${readable(query)}` : "",
      numbers.length ? "New search with the ranges of these trials" : "No trial matches");
  }

  /** Whether all of them are set aside: then they can be taken back. */
  get areAside() {
    return this.numbers.length > 0 && this.numbers.every((number) => this.store.at("set_aside", this.store.place.get(number)));
  }

  /** A dialog asks why; taking back needs no reason. */
  #aside() {
    const dialog = this.querySelector("[data-aside-dialog]");
    const { form } = dialog.querySelector("[name=trials]");
    form.elements.trials.value = this.numbers.join(",");
    form.elements.act.value = this.areAside ? "back" : "aside";
    if (this.areAside) return form.submit();
    const count = this.numbers.length;
    dialog.querySelector("[data-aside-words]").textContent = count === 1 ? `trial ${this.numbers[0]}` : `${thousands(count)} trials`;
    return dialog.showModal();
  }

  #act(name, address, title) {
    const link = this.querySelector(`[data-act="${name}"]`);
    if (!link) return; // people who only look are not offered it
    link.title = title;
    link.classList.toggle("disabled", !address);
    link.setAttribute("aria-disabled", String(!address));
    if (address) link.setAttribute("href", address);
    else link.removeAttribute("href");
  }

  #press(event) {
    const lift = event.target.closest("[data-lift]");
    if (lift?.dataset.lift === "brush") selection.setBrush(lift.dataset.key, null);
    else if (lift?.dataset.lift === "filter") selection.setFilter("");
    else if (lift) selection.setChosen([]);
    if (event.target.closest('[data-act="clear"]')) selection.clear();
    if (event.target.closest('[data-act="export"]')) this.#export();
    if (event.target.closest("[data-aside]")) this.#aside();
  }

  #export() {
    const rows = this.numbers.map((number) => this.names.map((name) => this.store.at(name, this.store.place.get(number))));
    saveText(csv([this.names, ...rows]), "selected-trials.csv");
  }
}
customElements.define("selection-bar", SelectionBar);
