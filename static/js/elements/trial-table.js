/** <trial-table>: takes the server's first rows over; sorts, filters, chooses and opens rows in the browser. */
import { keptInAddress } from "../lib/address.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { flash } from "../lib/flash.js";
import { thousands } from "../lib/format.js";
import { loadHistory } from "../lib/history.js";
import { selection } from "../lib/selection.js";
import { arrange, inFull } from "../lib/trial-store.js";
import { Choice } from "../table/choice.js";
import { Columns } from "../table/columns.js";
import { Curves } from "../table/curves.js";
import { watchKeys } from "../table/keys.js";
import { drawSpark, headCells, recommendedChip, trialLine } from "../table/lines.js";
import { OpenedRow } from "../table/opened-row.js";
import { Rows } from "../table/rows.js";

class TrialTable extends HTMLElement {
  flash = new Set();
  current = null; // number of the trial that the keys are at
  opened = null;
  isLoaded = false;
  isStale = false; // the rows are the server's, and people have asked for others since

  async connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.config = JSON.parse(this.querySelector('script[type="application/json"]').textContent);
    this.columns = new Columns(this, this.config.columns, window.location.search);
    this.choice = new Choice(this, signal);
    const curves = this.getAttribute("src").replace("history.json", "curves.json");
    this.curves = new Curves({ sparks: this.getAttribute("sparks"), curves, objective: this.config.objective, signal });
    this.rows = new Rows(this.querySelector(".table-scroll"), { build: (number) => this.#line(number), shown: (numbers) => this.#shown(numbers) }, signal);
    this.#readState();
    for (const [number, line] of this.rows.lines) {
      const curve = line.querySelector("polyline");
      if (curve) this.curves.sparks.set(number, curve.getAttribute("points"));
    }
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("change", (event) => this.#change(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event), { signal });
    this.querySelector(".table-tools").addEventListener("submit", (event) => event.preventDefault(), { signal });
    feed.addEventListener("trials", (event) => this.#news(event.detail), { signal });
    feed.addEventListener("news", (event) => this.#follow(event.detail), { signal });
    selection.addEventListener("change", (event) => this.#selected(event.detail), { signal });
    this.choice.mark();
    this.loaded = this.#load();
    watchKeys(this.#keys(), signal);
    await this.loaded;
    if (this.startOpen !== null && this.rows.place.has(this.startOpen)) this.#open(this.startOpen);
  }

  async #load() {
    this.store = await loadHistory(this.getAttribute("src"));
    await this.columns.load(this.store, this.getAttribute("metrics"));
    this.#draw({ isFirst: !this.isStale });
    this.isLoaded = true;
  }

  disconnectedCallback() {
    this.abort.abort();
    this.opened?.close();
  }

  #readState() {
    const query = new URLSearchParams(window.location.search);
    const sort = query.get("sort") ?? "";
    const key = sort.replace(/^-/, "");
    this.order = this.columns.names.includes(key) ? { key, descending: sort.startsWith("-") } : { key: "", descending: false };
    const open = query.get("open") ?? "";
    this.startOpen = /^\d{1,9}$/.test(open) ? Number(open) : null;
    // A browser puts back what was typed before the page was loaded again.
    const typed = this.querySelector('[name="filter"]').value;
    this.isStale = typed.trim() !== selection.filter;
    selection.setFilter(typed);
    this.keepState = keptInAddress((asked) => {
      this.columns.write(asked, this.order);
      if (this.opened) asked.set("open", this.opened.number);
      else if (this.store) asked.delete("open");
    });
  }

  get #table() {
    const { store } = this;
    return { store, columns: this.columns.shown, best: this.best, recommended: this.getAttribute("recommended"), page: this.getAttribute("page") };
  }

  #keeps() {
    const note = this.querySelector("[data-error]");
    try {
      const keeps = selection.keeps(this.store, this.columns.names);
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
    const numbers = touched.map((index) => store.own.number[index]);
    if (!this.store) return;
    const ended = numbers.filter((number) => store.own.state[store.place.get(number)] !== "running");
    this.columns.load(store, this.getAttribute("metrics"), ended).then((came) => came && this.#rebuild(ended));
    this.flash = new Set(numbers);
    if (this.#keepsOrder()) this.rows.renew(numbers);
    else this.#rebuild(numbers);
    this.flash.clear();
  }

  /** Whether the last news left the rows where they are: an epoch changes a cell or two of its trial's line. */
  #keepsOrder() {
    const { changed, hasGrown } = this.store;
    const { key } = inFull(this.order, this.getAttribute("direction"));
    const decide = [key, "state", "score", "at_last_rung", "set_aside"];
    return this.isLoaded && !hasGrown && !selection.isNarrow && !decide.some((name) => changed.has(name));
  }

  /** Lines of these trials are built again, and those of the best, where it is another. */
  #rebuild(numbers) {
    const before = this.best;
    this.rows.forget(numbers);
    if (this.store.best() !== before) this.rows.forget();
    this.#draw();
  }

  /** Curves of trials that train now grow: their sparklines follow without asking. */
  #follow(report) {
    this.#recommend(String(report.experiment.recommended?.number ?? ""));
    const touched = this.curves.merge(report.curves);
    for (const trial of touched) drawSpark(this.rows.lines.get(trial), this.curves.sparks.get(trial));
    this.opened?.follow(touched);
  }

  /** Another trial may be recommended although no row has changed. */
  #recommend(number) {
    if (this.getAttribute("recommended") === number) return;
    this.setAttribute("recommended", number);
    for (const line of this.rows.lines.values()) {
      line.querySelector("th .chip")?.remove();
      if (line.dataset.number === number) line.querySelector("th").append(" ", recommendedChip());
    }
  }

  #draw({ isFirst = false } = {}) {
    this.isStale = !this.store;
    const keeps = this.isStale ? null : this.#keeps();
    if (!keeps) return;
    this.best = this.store.best();
    const numbers = arrange(this.store, this.order, keeps).map((index) => this.store.own.number[index]);
    // The server's lines stay as they are where they are the right ones.
    if (isFirst && this.rows.first.join() !== numbers.slice(0, this.rows.first.length).join()) this.rows.forget();
    if (!isFirst) this.#heads();
    this.rows.pinned = this.best < 0 ? null : this.store.own.number[this.best];
    this.rows.show(numbers);
    this.#count(numbers.length);
  }

  #count(kept) {
    const { size } = this.store;
    const words = kept === size ? `${thousands(size)} trial${size === 1 ? "" : "s"}` : `${thousands(kept)} of ${thousands(size)} trials`;
    this.querySelector("[data-shown]").textContent = words;
    const missing = selection.missing(this.columns.names);
    const there = [...selection.brushes.keys()].filter((key) => !missing.includes(key));
    this.querySelector("[data-brushed]").textContent = there.length ? `brushed: ${there.join(", ")}` : "";
    this.querySelector("[data-unbrush]").hidden = !selection.brushes.size;
    const empty = this.querySelector("[data-empty]");
    empty.hidden = kept > 0;
    empty.textContent = size ? "No trial matches. Change the filter or clear the brushes." : "The first trial appears here when a worker starts it.";
    this.querySelector("table").setAttribute("aria-rowcount", kept + 1);
  }

  #line(number) {
    const line = trialLine(this.#table, this.store.place.get(number));
    line.setAttribute("aria-rowindex", this.rows.place.get(number) + 2);
    if (this.flash.has(number)) flash(line);
    drawSpark(line, this.curves.sparks.get(number));
    return line;
  }

  /** These lines stand in the document now. */
  #shown(numbers) {
    this.choice.mark();
    for (const [number, line] of this.rows.lines) line.classList.toggle("is-current", number === this.current);
    clearTimeout(this.pause); // while somebody scrolls fast, nothing is asked
    this.pause = setTimeout(() => this.#fetchSparks(numbers), 80);
  }

  #heads() {
    const line = this.querySelector("thead tr");
    const focused = document.activeElement?.closest?.("th[data-key]")?.dataset.key;
    line.replaceChildren(line.firstElementChild, ...headCells(this.columns.shown, this.order, this.getAttribute("direction")), line.lastElementChild);
    if (focused) line.querySelector(`[data-key="${CSS.escape(focused)}"] .sort`)?.focus();
    const width = line.children.length;
    for (const cell of this.querySelectorAll("tr.space td, tr.opened td")) cell.colSpan = width;
    for (const cell of this.querySelectorAll("tr.baseline td:last-child")) cell.colSpan = Math.max(1, width - 4);
  }

  async #fetchSparks(numbers) {
    const isRunning = (number) => this.store.own.state[this.store.place.get(number)] === "running";
    for (const number of await this.curves.loadSparks(numbers, isRunning)) drawSpark(this.rows.lines.get(number), this.curves.sparks.get(number));
  }

  #open(number) {
    const isSame = this.opened?.number === number;
    this.opened?.close();
    this.rows.lines.get(this.opened?.number)?.querySelector("[data-open]")?.setAttribute("aria-expanded", "false");
    this.opened = null;
    if (isSame) this.rows.open(null);
    else {
      const { page } = this.#table;
      this.opened = new OpenedRow({ store: this.store, curves: this.curves, page, objective: this.config.objective, columns: this.querySelector("thead tr").children.length }, number);
      this.rows.open(this.opened);
      this.rows.reveal(number);
      this.rows.lines.get(number)?.querySelector("[data-open]")?.setAttribute("aria-expanded", "true");
      this.opened.draw();
    }
    this.keepState();
  }

  #keys() {
    const isHere = () => this.hasAttribute("keys") || this.contains(document.activeElement);
    // A quick hand's keys count once the rows are there.
    const onceLoaded = (act) => (...asked) => (this.isLoaded ? act(...asked) : void this.loaded.then(() => act(...asked)));
    return {
      move: onceLoaded((step) => this.#move(step)),
      open: onceLoaded(() => (this.current === null ? false : this.#open(this.current))),
      choose: onceLoaded(() => (this.current === null ? false : this.#toggle(this.current))),
      compare: () => this.choice.compare(),
      filter: () => (isHere() ? this.querySelector('[name="filter"]').focus() : false),
      close: () => (this.opened ? this.#open(this.opened.number) : false),
    };
  }

  #move(step) {
    const { numbers, place } = this.rows;
    if (!numbers.length) return;
    const at = place.has(this.current) ? place.get(this.current) + step : 0;
    this.current = numbers[Math.max(0, Math.min(numbers.length - 1, at))];
    const line = this.rows.reveal(this.current);
    line?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "nearest" }); // the table may reach below the screen
  }

  #toggle(number) {
    const others = selection.chosen.filter((other) => other !== number);
    selection.setChosen(others.length < selection.chosen.length ? others : [...others, number]);
  }

  #press(event) {
    const { target } = event;
    const key = target.closest(".sort")?.closest("th").dataset.key;
    if (key) this.#sort(key);
    if (target.closest("[data-unbrush]")) for (const name of Array.from(selection.brushes.keys())) selection.setBrush(name, null);
    const line = target.closest("tr[data-number]");
    if (!line || !this.store) return;
    this.current = Number(line.dataset.number);
    const isPlain = !target.closest("a, input, .check") && !window.getSelection()?.toString();
    if (target.closest("[data-open]") || isPlain) this.#open(this.current);
  }

  #sort(key) {
    const order = inFull(this.order, this.getAttribute("direction"));
    const falls = key === "score" ? this.getAttribute("direction") === "maximize" : key !== "number" && key !== "state";
    this.order = { key, descending: order.key === key ? !order.descending : falls };
    this.rows.scroller.scrollTop = 0;
    this.keepState();
    this.#draw();
  }

  #typed(event) {
    if (event.target.name === "filter") selection.setFilter(event.target.value);
  }

  #selected({ what }) {
    if (what === "chosen") return this.choice.mark();
    const field = this.querySelector('[name="filter"]');
    if (field.value.trim() !== selection.filter) field.value = selection.filter;
    this.rows.scroller.scrollTop = 0;
    return this.#draw();
  }

  async #change({ target }) {
    if (target.closest("tr[data-number]")) return this.#toggle(Number(target.closest("tr").dataset.number));
    if (!this.columns.change(target)) return undefined;
    this.keepState();
    if (this.store) await this.columns.load(this.store, this.getAttribute("metrics"));
    this.rows.forget();
    return this.#draw();
  }
}

customElements.define("trial-table", TrialTable);
