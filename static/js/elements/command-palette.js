/** <command-palette>: pages, actions and whatever the words find, by keys alone (WAI-ARIA combobox). */
import { fitting, trialCommand } from "../lib/commands.js";
import { el } from "../lib/dom.js";

const WAIT_MS = 120;
const MOST = 14;

class CommandPalette extends HTMLElement {
  commands = [];
  found = [];
  shown = [];
  at = 0;

  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector("[role=listbox]");
    this.form = this.querySelector("form");
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.list.addEventListener("click", (event) => this.#press(event));
    this.closest("dialog").addEventListener("close", () => this.#forget());
    this.addEventListener("opened", () => this.#open());
  }

  #open() {
    this.commands = offered();
    this.input.select();
    this.#typed();
  }

  #forget() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  #typed() {
    const text = this.input.value.trim();
    this.#forget();
    if (!text) this.found = [];
    else this.timer = setTimeout(() => this.#ask(text), WAIT_MS);
    this.#show();
  }

  async #ask(text) {
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.getAttribute("src")}?q=${encodeURIComponent(text)}`, { signal: this.asking.signal });
      if (!answer.ok || answer.redirected) return;
      this.found = (await answer.json()).found;
      this.#show();
    } catch (error) {
      // a newer word replaced this question, or the server is away: the page's own commands stay
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    }
  }

  #show() {
    const text = this.input.value.trim();
    const page = document.querySelector("[data-experiment-page]")?.dataset.experimentPage;
    this.shown = [...trialCommand(text, page), ...fitting(text, this.commands), ...(text ? this.found : [])].slice(0, MOST);
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((command, place) => option(command, place)));
    this.list.hidden = !this.shown.length;
    this.input.setAttribute("aria-expanded", String(this.shown.length > 0));
    this.querySelector("[data-none]").hidden = this.shown.length > 0;
    this.#mark();
  }

  #mark() {
    for (const [place, line] of [...this.list.children].entries()) {
      line.setAttribute("aria-selected", String(place === this.at));
      if (place === this.at) line.scrollIntoView({ block: "nearest" });
    }
    if (this.shown.length) this.input.setAttribute("aria-activedescendant", `command-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (!(event.key in steps) || !this.shown.length) return;
    event.preventDefault();
    this.at = (this.at + steps[event.key] + this.shown.length) % this.shown.length;
    this.#mark();
  }

  /** With nothing to open, the form goes to the search page as it does without scripts. */
  #submit(event) {
    if (!this.shown.length) return;
    event.preventDefault();
    this.#run(this.shown[this.at]);
  }

  #press(event) {
    const line = event.target.closest("[role=option]");
    if (line) this.#run(this.shown[Number(line.dataset.place)]);
  }

  #run(command) {
    this.closest("dialog").close();
    if (command.href) window.location.href = command.href;
    else command.element.click();
  }
}

function option(command, place) {
  const attributes = { role: "option", id: `command-${place}`, "data-place": place, "aria-selected": "false" };
  return el("li", attributes, el("span", {}, command.label), el("span", { class: "quiet" }, command.group));
}

/** What stands on this page: every link and button that is marked as a command, in its order. */
function offered() {
  const elements = document.querySelectorAll("[data-commands] :is(a[href], button:not([data-bs-toggle])), [data-command]");
  const labels = new Set();
  const commands = [];
  for (const element of elements) {
    const group = element.closest("[data-commands]")?.dataset.commands ?? element.dataset.command;
    const label = words(element);
    const isOff = element.closest("[hidden]") || element.disabled || element.getAttribute("aria-disabled") === "true";
    if (isOff || !label || labels.has(`${group}/${label}`)) continue;
    labels.add(`${group}/${label}`);
    commands.push({ label, group, element });
  }
  return commands;
}

function words(element) {
  const label = element.querySelector(".rail-label, .visually-hidden") ?? element;
  return label.textContent.replace(/\s+/g, " ").trim();
}

customElements.define("command-palette", CommandPalette);
