/** What people do with chosen trials: compare, stop, put back, save as a file. */
import { writeAddress } from "../lib/address.js";
import { selection } from "../lib/selection.js";

const MOST_COMPARED = 20;
const MAY = { stop: ["running", "waiting", "paused"], requeue: ["failed", "stopped"] };

export class Choice {
  /** @param {HTMLElement} table the element with the buttons @param {AbortSignal} signal */
  /** @param {HTMLElement & { store: TrialStore|null }} table @param {AbortSignal} signal */
  constructor(table, signal) {
    this.table = table;
    table.addEventListener("click", (event) => this.#press(event), { signal });
    table.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  /** Marks the lines, and tells on the buttons how many trials they are about. */
  mark() {
    const { chosen } = selection;
    const among = new Set(chosen);
    for (const line of this.table.querySelectorAll("tr[data-number]")) {
      const isChosen = among.has(Number(line.dataset.number));
      line.classList.toggle("is-chosen", isChosen);
      line.querySelector("input").checked = isChosen;
    }
    this.#compare(chosen);
    for (const [act, states] of Object.entries(MAY)) this.#count(act, chosen.filter((number) => states.includes(this.#state(number))).length);
    for (const part of this.table.querySelectorAll("[data-with-choice]")) part.hidden = !chosen.length;
    for (const place of this.table.querySelectorAll("[data-chosen]")) place.textContent = String(chosen.length || "");
    const gone = this.table.store ? chosen.filter((number) => !this.table.store.place.has(number)) : [];
    this.table.querySelector("[data-gone]").textContent = gone.length ? `Not found: trial ${gone.join(", ")}.` : "";
  }

  compare() {
    const link = this.table.querySelector("[data-compare]");
    if (link.hasAttribute("href")) link.click();
  }

  #state(number) {
    const { store } = this.table;
    return store?.own.state[store.place.get(number)];
  }

  #compare(chosen) {
    const link = this.table.querySelector("[data-compare]");
    const enough = chosen.length > 1 && chosen.length <= MOST_COMPARED;
    link.setAttribute("aria-disabled", String(!enough));
    link.classList.toggle("disabled", !enough);
    link.title = chosen.length > MOST_COMPARED ? `Compare at most ${MOST_COMPARED} trials` : `Select 2 to ${MOST_COMPARED} trials`;
    const keys = chosen.map((number) => `${this.table.getAttribute("code")}:${number}`).join(",");
    if (enough) link.href = `${this.table.getAttribute("compare")}?trials=${keys}`;
    else link.removeAttribute("href");
  }

  #count(act, count) {
    const button = this.table.querySelector(`[data-act="${act}"]`);
    if (!button) return;
    button.hidden = !count;
    button.querySelector("[data-act-count]").textContent = count;
  }

  #press(event) {
    const target = event.target;
    if (target.closest("[data-clear]")) selection.setChosen([]);
    const compare = target.closest("[data-compare]");
    if (compare && !compare.hasAttribute("href")) event.preventDefault();
    const file = target.closest("[data-download]");
    if (file) file.href = this.#file(file.dataset);
    const act = target.closest("[data-act]");
    if (act) this.#act(act.dataset.act);
  }

  #file({ download, of }) {
    writeAddress();
    const query = new URLSearchParams(window.location.search);
    query.set("of", of);
    return `${this.table.getAttribute("page")}trials.${download}?${query}`;
  }

  /** A view keeps the address as it is now. */
  #submit(event) {
    const field = event.target.elements.query;
    if (!field) return;
    writeAddress();
    field.value = window.location.search.slice(1);
  }

  async #act(act) {
    const numbers = selection.chosen.filter((number) => MAY[act].includes(this.#state(number)));
    const body = new FormData();
    body.set("act", act);
    body.set("numbers", numbers.join(","));
    body.set("csrfmiddlewaretoken", this.table.querySelector("[name=csrfmiddlewaretoken]").value);
    this.#say(`${act === "stop" ? "Stopping" : "Putting back"} ${numbers.length}`);
    try {
      const answer = await fetch(`${this.table.getAttribute("page")}trials/act/`, { method: "POST", body });
      const isJson = answer.headers.get("content-type")?.startsWith("application/json");
      const said = isJson ? await answer.json() : { error: "Not done: sign in again in another tab." };
      this.#say(said.text ?? said.error);
    } catch {
      this.#say("Not done: the server can't be reached.");
    }
  }

  #say(words) {
    this.table.querySelector("[data-said]").textContent = words;
  }
}
