/** <parallel-coordinates src page baseline>: a line for each trial across its hyperparameters; brushes narrow the page's selection. */
import { makeAxis } from "../charts/parallel-axes.js";
import { alphaOf, lineGroups, worstFirst } from "../charts/parallel-colour.js";
import { layoutOf, linesOf, nearestLine, placeAt } from "../charts/parallel-layout.js";
import { moved, readAxes, usualAxes, writeAxes } from "../charts/parallel-order.js";
import { paintAxes, strokeOne, strokes } from "../charts/parallel-paint.js";
import { lineWords, parallelRows, unseenWords } from "../charts/parallel-rows.js";
import { parallelSvg } from "../charts/parallel-svg.js";
import { keptInAddress } from "../lib/address.js";
import { cleared, drawBelow, fit } from "../lib/canvas.js";
import { feed } from "../lib/feed.js";
import { FilterError } from "../lib/filter.js";
import { thousands } from "../lib/format.js";
import { loadHistory } from "../lib/history.js";
import { isPrinting } from "../lib/print.js";
import { readTheme, trialColour, trialDash } from "../lib/palette.js";
import { selection } from "../lib/selection.js";
import { Sliced } from "../lib/sliced.js";
import { AxisHandle } from "./parallel-axis.js";
import { ChartElement } from "./chart-element.js";
import { openMenu } from "./parallel-menu.js";
import { fillTip } from "./parallel-tip.js";

const LAYERS = ["all", "kept", "ink"];
const BEHIND = 0.35; // opacity of all trials behind those that are kept, as in the style sheet
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

export class ParallelCoordinates extends ChartElement {
  /** @type {(report: ReportJson) => Rows} */
  buildRows = parallelRows;
  /** @type {HTMLElement} */
  stage;
  /** @type {HTMLElement} */
  tip;
  handles = new Map();
  work = { all: new Sliced(), kept: new Sliced() };
  hovered = -1;
  isOwnOrder = false;

  async start() {
    const { signal } = this.abort;
    this.config = JSON.parse(document.getElementById(this.getAttribute("config") ?? "analysis-config").textContent);
    this.baseline = this.hasAttribute("baseline") ? Number(this.getAttribute("baseline")) : null;
    this.layers = Object.fromEntries(LAYERS.map((name) => [name, this.querySelector(`[data-layer="${name}"]`)]));
    [this.stage, this.tip] = [this.querySelector("[data-stage]"), this.querySelector("[data-tip]")];
    this.acts = {
      brush: (key, brush) => selection.setBrush(key, brush),
      move: (key, to) => this.#reorder(moved(this.chosenAxes, key, to)),
      heldAt: (x) => placeAt(this.layout, x),
      open: (key, head) => this.#openMenu(key, head),
      flip: (key) => this.#changeAxis(key, (choice) => ({ isFlipped: !choice.isFlipped })),
      rescale: (key, scale) => this.#changeAxis(key, () => ({ scale })),
      hide: (key) => this.#reorder(this.chosenAxes.filter((choice) => choice.key !== key)),
    };
    this.keepAddress = keptInAddress((query) => (this.isOwnOrder ? query.set("axes", writeAxes(this.chosenAxes)) : query.delete("axes")));
    this.store = await this.untilThere(() => this.loadStore());
    if (!this.store) return undefined;
    await nextFrame(); // each step a task of its own: 10,000 trials are a lot for one
    this.#readWishes();
    await nextFrame();
    this.stage.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    this.stage.addEventListener("pointerleave", () => this.#point(-1), { signal });
    this.stage.addEventListener("click", (event) => this.#choose(event), { signal });
    this.stage.addEventListener("dblclick", () => this.#open(), { signal });
    this.addEventListener("change", (event) => this.#pick(event), { signal });
    selection.addEventListener("change", () => this.later("keep"), { signal });
    feed.addEventListener("trials", () => this.later("all"), { signal });
    new ResizeObserver(() => this.later("all")).observe(this.querySelector("[data-scroll]"));
    return this.draw({ store: this.store, axes: [], kept: [] });
  }

  /** The trials; elements that show others override this, and what follows it. */
  loadStore() {
    return loadHistory(this.getAttribute("src"));
  }

  nameOf(index) {
    return `Trial ${this.store.own.number[index]}`;
  }

  pageOf(index) {
    return `${this.getAttribute("page")}trials/${this.store.own.number[index]}/`;
  }

  /** Lines of the kept trials, by how they are drawn. */
  groupsOf(kept) {
    return lineGroups(this.store, this.ranking, new Set(kept), this.theme.ramp.length);
  }

  /** Lines above all others: the best, and chosen ones in their own colours. */
  *standOut() {
    const best = this.store.best();
    if (this.kept.includes(best)) yield [best, { colour: this.theme.ramp.at(-1), width: 2.5, halo: this.theme.panel }];
    for (const number of selection.chosen) {
      const index = this.store.place.get(number);
      if (index !== undefined) yield [index, { colour: trialColour(this.theme, number), width: 2.5, dash: trialDash(number), halo: this.theme.panel }];
    }
  }

  /** A click on a line. */
  press(index) {
    const number = this.store.own.number[index];
    const others = selection.chosen.filter((other) => other !== number);
    selection.setChosen(others.length < selection.chosen.length ? others : [...others, number]);
  }

  pressWords = "Click to select, double-click to open";

  disconnectedCallback() {
    for (const sliced of Object.values(this.work)) sliced.stop();
    super.disconnectedCallback();
  }

  drawForPaper() {
    if (this.layout) this.redraw();
    this.frame = cancelAnimationFrame(this.frame) ?? null;
    this.#keep(); // now: the print waits for no frame
    for (const sliced of Object.values(this.work)) sliced.finish();
    drawBelow(this.layers.ink, this.layers.kept);
  }

  /** At most one redraw a frame, however many reasons there are. */
  later(what) {
    if (isPrinting()) return; // all is drawn anew when that is over
    this.wanted = this.wanted === "all" ? "all" : what;
    this.frame ??= requestAnimationFrame(() => {
      const all = this.wanted === "all";
      [this.frame, this.wanted] = [null, null];
      if (all) this.redraw();
      else this.#keep();
    });
  }

  #readWishes() {
    const known = this.config.columns.map(({ key }) => key).filter((key) => key !== "number");
    const { chosenAxes, gone } = readAxes(new URLSearchParams(window.location.search).get("axes") ?? "", known);
    this.isOwnOrder = chosenAxes.length > 1;
    this.chosenAxes = this.isOwnOrder ? chosenAxes : usualAxes(this.config.columns, this.store);
    this.gone = gone;
    this.#ticks();
  }

  #ticks() {
    for (const box of this.querySelectorAll("[data-axis]")) box.checked = this.chosenAxes.some(({ key }) => key === box.dataset.axis);
  }

  #reorder(chosenAxes) {
    this.chosenAxes = chosenAxes;
    this.isOwnOrder = true;
    this.#ticks();
    this.keepAddress();
    this.redraw();
  }

  #changeAxis(key, change) {
    this.#reorder(this.chosenAxes.map((choice) => (choice.key === key ? { ...choice, ...change(choice) } : choice)));
  }

  #pick({ target }) {
    if (target.matches("[data-show-aside]")) this.#ink();
    const key = target.dataset?.axis;
    if (!key) return;
    const others = this.chosenAxes.filter((choice) => choice.key !== key);
    if (target.checked) this.#reorder([...others.slice(0, -1), { key, isFlipped: false }, ...others.slice(-1)]);
    else if (others.length > 1) this.#reorder(others);
    else target.checked = true; // lines need two axes
  }

  #openMenu(key, head) {
    const at = this.axes.findIndex((axis) => axis.key === key);
    openMenu(this.querySelector("[data-menu]"), head, { axis: this.axes[at], at, count: this.axes.length, brush: selection.brushes.get(key) }, this.acts);
  }

  /** Everything anew: axes, places, lines. */
  paint() {
    const { columns, space } = this.config;
    this.say("");
    this.theme = readTheme(this);
    this.axes = this.chosenAxes.map((choice) => makeAxis(columns.find(({ key }) => key === choice.key), space.find(({ key }) => key === choice.key), this.store, choice));
    const box = this.querySelector("[data-scroll]");
    this.layout = layoutOf(this.axes, box.clientWidth, box.clientHeight - 2);
    this.ranking = worstFirst(this.store);
    this.lines = linesOf(this.store, this.axes, this.layout);
    this.stage.style.setProperty("--width", `${this.layout.width}px`);
    for (const canvas of Object.values(this.layers)) fit(canvas, this.layout);
    this.#handles();
    this.work.all.stop();
    this.isBehind = false;
    this.later("keep");
  }

  #handles() {
    for (const [key, handle] of this.handles) {
      if (!this.axes.some((axis) => axis.key === key)) {
        handle.element.remove();
        this.handles.delete(key);
      }
    }
    const place = this.querySelector("[data-axes]");
    this.axes.forEach((axis, at) => {
      if (!this.handles.has(axis.key)) this.handles.set(axis.key, new AxisHandle(this.acts));
      const handle = this.handles.get(axis.key);
      if (place.children[at] !== handle.element) place.insertBefore(handle.element, place.children[at] ?? null);
      handle.update(axis, this.layout, at, selection.brushes.get(axis.key));
    });
  }

  /** What the selection keeps has changed. */
  #keep() {
    if (!this.layout) return;
    this.#handles();
    let problem = "";
    /** @type {(index: number) => boolean} */
    let keeps = () => true;
    try {
      keeps = selection.keeps(this.store, this.config.columns.map(({ key }) => key));
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      problem = `Filter ignored: ${error.message}`;
    }
    const all = [...Array(this.store.size).keys()].filter(keeps);
    this.kept = all.filter((index) => !this.store.at("set_aside", index));
    this.aside = all.filter((index) => this.store.at("set_aside", index));
    this.groups = this.groupsOf(this.kept);
    const isNarrow = all.length < this.store.size;
    this.classList.toggle("is-narrow", isNarrow);
    if (isNarrow && !this.isBehind) {
      this.work.all.start(strokes(cleared(this.layers.all), this, [this.#everyone()], this.theme));
      this.isBehind = true;
    }
    this.work.kept.start(strokes(cleared(this.layers.kept), this, this.groups, this.theme));
    Object.assign(this.report, { axes: this.axes, kept: this.kept });
    this.fillTable();
    this.note([`${thousands(this.kept.length)} of ${thousands(this.store.size)} trials`, ...unseenWords(this), problem].filter(Boolean).join(" · "));
    this.#ink();
  }

  /** All trials as a faint ground, behind those that are kept. */
  #everyone() {
    const indices = [...Array(this.store.size).keys()];
    return { kind: "all", shade: 0, alpha: alphaOf(indices.length / 2), width: 1, indices };
  }

  #ink() {
    const context = cleared(this.layers.ink);
    for (const [index, look] of this.standOut()) strokeOne(context, this, index, look);
    if (this.querySelector("[data-show-aside]")?.checked) {
      for (const index of this.aside) strokeOne(context, this, index, { colour: this.theme.ink2, width: 1, dash: [2, 4] });
    }
    if (this.hovered >= 0) strokeOne(context, this, this.hovered, { colour: this.theme.ink, width: 2.5, halo: this.theme.panel });
    paintAxes(context, this.axes, this.layout, this.theme, { baseline: this.baseline });
  }

  #hover(event) {
    if (event.buttons || event.target.closest(".parallel-head")) return this.#point(-1);
    const box = this.stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return this.#point(this.layout ? nearestLine(this, this.kept, x, y) : -1, x, y);
  }

  #point(index, x = 0, y = 0) {
    if (index !== this.hovered) {
      this.hovered = index;
      this.#ink();
      if (index >= 0) fillTip(this.tip, `${this.nameOf(index)}, ${this.store.own.state[index]}`, lineWords(this.store, this.axes, index), this.pressWords);
      this.tip.hidden = index < 0;
    }
    if (index < 0) return;
    const left = x > this.layout.width / 2 ? x - this.tip.offsetWidth - 14 : x + 14;
    this.tip.style.setProperty("--left", `${left}px`);
    this.tip.style.setProperty("--top", `${Math.max(0, Math.min(y, this.layout.height - this.tip.offsetHeight))}px`);
  }

  #choose(event) {
    if (this.hovered < 0 || event.detail > 1 || event.target.closest(".parallel-axis")) return;
    this.press(this.hovered);
  }

  #open() {
    if (this.hovered >= 0) window.location.href = this.pageOf(this.hovered);
  }

  /** The layers as they stand, on the panel's ground, with the names of the axes. */
  picture() {
    const copy = document.createElement("canvas");
    const context = fit(copy, this.layout);
    context.fillStyle = this.theme.panel;
    context.fillRect(0, 0, this.layout.width, this.layout.height);
    const isNarrow = this.classList.contains("is-narrow");
    for (const name of isNarrow ? LAYERS : LAYERS.slice(1)) {
      context.globalAlpha = name === "all" ? BEHIND : 1;
      context.drawImage(this.layers[name], 0, 0, this.layout.width, this.layout.height);
    }
    paintAxes(context, this.axes, this.layout, this.theme, { heads: true, baseline: this.baseline });
    return copy.toDataURL("image/png");
  }

  async toSvg() {
    const groups = this.classList.contains("is-narrow") ? [{ ...this.#everyone(), alpha: BEHIND * this.#everyone().alpha }, ...this.groups] : this.groups;
    return parallelSvg({ axes: this.axes, layout: this.layout, lines: this.lines, groups, title: document.title, baseline: this.baseline }, this.theme);
  }
}

customElements.define("parallel-coordinates", ParallelCoordinates);
