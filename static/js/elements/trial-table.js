/** <trial-table>: takes the server's first rows over; sorts, filters and chooses in the browser. */
import { CurveStore } from "../lib/curve-store.js";
import { csv, saveText } from "../lib/download.js";
import { el, svg } from "../lib/dom.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { thousands } from "../lib/format.js";
import { loadHistory } from "../lib/history.js";
import { PALETTE_SIZE } from "../lib/palette.js";
import { stateBadge } from "../lib/states.js";
import { keptInAddress } from "../lib/address.js";
import { selection } from "../lib/selection.js";
import { arrange, inFull } from "../lib/trial-store.js";
import { rowCells, sparkPoints, tableQuery, thinned } from "../lib/trial-row.js";

const STEP = 50;
const MOST_COMPARED = 10;

class TrialTable extends HTMLElement {
  sparks = new Map();
  wanted = new Set();
  curves = new CurveStore();
  rows = STEP;
  flash = new Set();
  isStale = false; // the rows are the server's, and people have asked for others since

  async connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.config = JSON.parse(this.querySelector('script[type="application/json"]').textContent);
    this.#readState();
    for (const line of this.querySelectorAll("tr[data-number]")) {
      const curve = line.querySelector("polyline");
      if (curve) this.sparks.set(Number(line.dataset.number), curve.getAttribute("points"));
    }
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("change", (event) => this.#change(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event), { signal });
    this.addEventListener("submit", (event) => event.preventDefault(), { signal });
    feed.addEventListener("trials", (event) => this.#news(event.detail), { signal });
    feed.addEventListener("news", (event) => this.#follow(event.detail), { signal });
    selection.addEventListener("change", (event) => this.#selected(event.detail), { signal });
    this.#marks();
    this.store = await loadHistory(this.getAttribute("src"));
    if (this.isStale) this.#draw();
  }

  disconnectedCallback() {
    this.abort.abort();
  }

  #readState() {
    const query = new URLSearchParams(window.location.search);
    const sort = query.get("sort") ?? "";
    this.order = { key: sort.replace(/^-/, ""), descending: sort.startsWith("-") };
    // A browser puts back what was typed before the page was loaded again.
    const typed = this.querySelector('[name="filter"]').value;
    this.isStale = typed.trim() !== selection.filter;
    selection.setFilter(typed);
    this.hiddenColumns = (query.get("hide") ?? "").split(",").filter(Boolean);
    this.withEqual = query.get("equal") === "1";
    this.keepState = keptInAddress((query) => tableQuery(query, { ...this, hidden: this.hiddenColumns }));
  }

  get columns() {
    return this.config.columns.filter(({ key, equal }) => !this.hiddenColumns.includes(key) && (this.withEqual || !equal));
  }

  #keeps() {
    const note = this.querySelector("[data-error]");
    try {
      const keeps = selection.keeps(this.store, this.config.columns.map(({ key }) => key));
      note.hidden = true;
      return keeps;
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      note.textContent = error.message;
      note.hidden = false;
      return null;
    }
  }

  #news({ store, touched }) {
    for (const index of touched) this.flash.add(store.own.number[index]);
    this.#draw();
    this.flash.clear();
  }

  /** Curves of trials that train now grow: their sparklines follow without asking. */
  #follow(report) {
    this.#recommend(report.experiment.recommended?.number ?? "");
    const firsts = report.curves.filter((curve) => curve.index === 0);
    for (const trial of this.curves.merge(firsts)) {
      const [curve] = this.curves.of([trial]);
      this.sparks.set(trial, sparkPoints(thinned(curve.metrics[this.config.objective] ?? [])));
    }
  }

  /** Another trial may be recommended although no row has changed. */
  #recommend(number) {
    if (this.getAttribute("recommended") === String(number)) return;
    this.setAttribute("recommended", number);
    for (const line of this.querySelectorAll("tr[data-number]")) {
      line.querySelector("th .chip")?.remove();
      if (line.dataset.number === String(number)) line.querySelector("th").append(" ", recommendedChip());
    }
  }

  #draw() {
    this.isStale = !this.store;
    const keeps = this.isStale ? null : this.#keeps();
    if (!keeps) return;
    const order = arrange(this.store, this.order, keeps);
    const shown = order.slice(0, this.rows);
    const best = this.store.best();
    this.querySelector("tbody").replaceChildren(...shown.map((index) => this.#row(index, best)));
    this.#heads();
    const all = order.length === this.store.size ? "" : `, ${thousands(this.store.size)} in all`;
    this.querySelector("[data-shown]").textContent = `${thousands(shown.length)} of ${thousands(order.length)} shown${all}`;
    this.querySelector("[data-more]").hidden = shown.length === order.length;
    const empty = this.querySelector("[data-empty]");
    empty.hidden = shown.length > 0;
    empty.textContent = this.store.size ? "No trial matches this filter." : "The first trial appears here as soon as a worker takes it.";
    this.#marks();
    this.#fetchSparks(shown.map((index) => this.store.own.number[index]));
  }

  #row(index, best) {
    const number = this.store.own.number[index];
    const box = el("input", { class: "form-check-input", type: "checkbox", "aria-label": `Choose trial ${number}` });
    const line = el("tr", { "data-number": number }, el("td", { class: "check" }, box));
    line.classList.toggle("is-best", index === best);
    line.classList.toggle("has-news", this.flash.has(number));
    for (const cell of rowCells(this.store, index, this.columns, best)) line.append(this.#cell(cell, number));
    const curve = el("td", { class: `num spark trial-c${number % PALETTE_SIZE}` });
    const points = this.sparks.get(number);
    if (points) curve.append(sparkline(points));
    line.append(curve);
    return line;
  }

  #cell({ kind, text, title, more }, number) {
    if (kind === "name") {
      const swatch = el("span", { class: `swatch trial-c${number % PALETTE_SIZE}`, "aria-hidden": "true" });
      const link = el("a", { class: "plain trial-name", href: `${this.getAttribute("page")}trials/${number}/` }, swatch, text);
      const picked = this.getAttribute("recommended") === String(number);
      return el("th", { scope: "row" }, link, ...(picked ? [" ", recommendedChip()] : []));
    }
    if (kind === "state") return el("td", {}, stateBadge(text, { wordHidden: true }));
    if (kind === "failure") return el("td", { class: "num" }, el("span", { class: "small worse" }, text));
    if (kind === "judged") return el("td", { class: "num" }, el("span", { class: "quiet", title }, text));
    if (kind === "score") {
      const extra = more ? [" ", el("span", { class: "quiet" }, more)] : [];
      return el("td", { class: "num" }, el("strong", { title }, text), ...extra);
    }
    const classes = { behind: "num quiet", number: "num", value: "num mono", word: "mono" };
    return el("td", { class: classes[kind], title: title || undefined }, text);
  }

  #heads() {
    const line = this.querySelector("thead tr");
    const heads = this.columns.flatMap(({ key, label, text }) => {
      const head = el("th", { scope: "col", "data-key": key, class: text || key === "number" ? "" : "num" }, el("button", { class: "sort", type: "button" }, label));
      const order = inFull(this.order, this.getAttribute("direction"));
      if (order.key === key) head.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      return key === "score" ? [head, el("th", { scope: "col", class: "num", title: "Difference to the best trial" }, "Δ best")] : [head];
    });
    const focused = document.activeElement?.closest?.("th[data-key]")?.dataset.key;
    line.replaceChildren(line.firstElementChild, ...heads, line.lastElementChild);
    if (focused) line.querySelector(`[data-key="${CSS.escape(focused)}"] .sort`)?.focus();
  }

  async #fetchSparks(numbers) {
    const missing = numbers.filter((number) => !this.sparks.has(number) && !this.wanted.has(number)).slice(0, 100);
    if (!missing.length) return;
    for (const number of missing) this.wanted.add(number);
    const answer = await fetch(`${this.getAttribute("sparks")}?trials=${missing.join(",")}`, { signal: this.abort.signal });
    for (const number of missing) this.wanted.delete(number);
    if (!answer.ok) return;
    const { sparks } = await answer.json();
    for (const number of missing) {
      const points = sparkPoints(sparks[number] ?? []);
      const running = this.store.own.state[this.store.place.get(number)] === "running";
      if (points || !running) this.sparks.set(number, points);
      const place = this.querySelector(`tr[data-number="${number}"] .spark`);
      if (place && points) place.replaceChildren(sparkline(points));
    }
  }

  #press(event) {
    const target = event.target;
    const key = target.closest(".sort")?.closest("th").dataset.key;
    if (key) this.#sort(key);
    if (target.closest("[data-more]")) {
      this.rows += 4 * STEP;
      this.#draw();
    }
    if (target.closest("[data-export]")) this.#export();
    if (target.closest("[data-clear]")) selection.setChosen([]);
    const compare = target.closest("[data-compare]");
    if (compare && compare.getAttribute("aria-disabled") === "true") event.preventDefault();
  }

  #sort(key) {
    const order = inFull(this.order, this.getAttribute("direction"));
    const falls = key === "score" ? this.getAttribute("direction") === "maximize" : key !== "number" && key !== "state";
    this.order = { key, descending: order.key === key ? !order.descending : falls };
    this.#redraw();
  }

  #redraw() {
    this.keepState();
    this.#draw();
  }

  #typed(event) {
    if (event.target.name !== "filter") return;
    selection.setFilter(event.target.value);
  }

  #selected({ what }) {
    if (what === "chosen") return this.#marks();
    this.rows = STEP;
    const field = this.querySelector('[name="filter"]');
    if (field.value.trim() !== selection.filter) field.value = selection.filter;
    return this.#draw();
  }

  #change(event) {
    const field = event.target;
    if (field.dataset.column) {
      const { key, equal } = this.config.columns.find((column) => column.key === field.dataset.column);
      this.hiddenColumns = this.hiddenColumns.filter((other) => other !== key);
      if (!field.checked) this.hiddenColumns.push(key);
      else if (equal) this.#showEqual(true);
      this.#redraw();
    } else if (field.hasAttribute("data-equal")) {
      this.#showEqual(field.checked);
      this.#redraw();
    } else if (field.closest("tr[data-number]")) {
      const number = Number(field.closest("tr").dataset.number);
      const others = selection.chosen.filter((other) => other !== number);
      selection.setChosen(field.checked ? [...others, number] : others);
    }
  }

  #showEqual(isShown) {
    this.withEqual = isShown;
    this.querySelector("[data-equal]").checked = isShown;
    for (const { key, equal } of this.config.columns) {
      if (equal) this.querySelector(`[data-column="${CSS.escape(key)}"]`).checked = isShown && !this.hiddenColumns.includes(key);
    }
  }

  #marks() {
    for (const line of this.querySelectorAll("tr[data-number]")) {
      const isChosen = selection.chosen.includes(Number(line.dataset.number));
      line.classList.toggle("is-chosen", isChosen);
      line.querySelector("input").checked = isChosen;
    }
    const link = this.querySelector("[data-compare]");
    const enough = selection.chosen.length > 1;
    link.setAttribute("aria-disabled", String(!enough));
    link.classList.toggle("disabled", !enough);
    const keys = selection.chosen.slice(-MOST_COMPARED).map((number) => `${this.getAttribute("code")}:${number}`).join(",");
    if (enough) link.href = `${this.getAttribute("compare")}?trials=${keys}`;
    else link.removeAttribute("href");
    this.querySelector("[data-chosen]").textContent = selection.chosen.length || "";
    this.querySelector("[data-clear]").hidden = !selection.chosen.length;
  }

  #export() {
    if (!this.store) return;
    const keeps = this.#keeps() ?? (() => true);
    const rows = arrange(this.store, this.order, keeps).map((index) => this.columns.map(({ key }) => this.store.at(key, index)));
    saveText(csv([this.columns.map(({ label }) => label), ...rows]), "trials.csv");
  }
}

function recommendedChip() {
  return el("span", { class: "chip chip-accent" }, "recommended");
}

function sparkline(points) {
  const picture = svg("svg", { viewBox: "0 0 72 20", "aria-hidden": "true" });
  picture.append(svg("polyline", { points }));
  return picture;
}

customElements.define("trial-table", TrialTable);
