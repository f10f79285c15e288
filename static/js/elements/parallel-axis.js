/** The parts of one axis of <parallel-coordinates> that people take hold of: its name, its brushes. */
import { LEAST, brushOf, dragged, grabbed, stretchesOf } from "../charts/parallel-brush.js";
import { heightOf, unitAt } from "../charts/parallel-layout.js";
import { shown } from "../charts/parallel-axes.js";
import { el } from "../lib/dom.js";
import { plain } from "../lib/format.js";

const GRIP = 9; // pixels around a brush's end that take hold of it
const DRAG = 6; // pixels; less is a click

export class AxisHandle {
  /** @type {import("../charts/parallel-axes.js").Axis} */
  axis;
  /** @type {import("../charts/parallel-layout.js").Layout} */
  layout;
  /** @type {import("../lib/brushes.js").Brush|undefined} */
  brush;
  at = 0; // its place among the axes

  /** @param {{ brush: Function, move: Function, open: Function, heldAt: Function }} acts */
  constructor(acts) {
    this.acts = acts;
    this.head = el("button", { class: "parallel-head", type: "button", "aria-haspopup": "dialog" });
    this.track = el("div", { class: "parallel-track" });
    this.element = el("div", { class: "parallel-axis" }, this.head, this.track);
    this.head.addEventListener("pointerdown", (event) => this.#take(event));
    this.head.addEventListener("click", () => this.#click());
    this.head.addEventListener("keydown", (event) => this.#headKey(event));
    this.track.addEventListener("pointerdown", (event) => this.#press(event));
    this.track.addEventListener("keydown", (event) => this.#brushKey(event));
  }

  /** @param {ReportJson} axis @param {ReportJson} layout @param {number} at its place @param {ReportJson|undefined} brush */
  update(axis, layout, at, brush) {
    Object.assign(this, { axis, layout, at, brush });
    this.stretches = stretchesOf(axis, brush);
    const { style } = this.element;
    style.setProperty("--x", `${layout.xs[at]}px`);
    style.setProperty("--top", `${layout.top}px`);
    style.setProperty("--length", `${layout.bottom - layout.top}px`);
    style.setProperty("--foot", `${layout.height - layout.bottom}px`);
    this.head.textContent = axis.label;
    this.head.title = `${axis.label}: drag to move it, click for scale, direction and range`;
    this.head.setAttribute("aria-label", `${axis.label}, axis ${at + 1} of ${layout.xs.length}. Arrow keys move it, Enter opens its settings`);
    this.element.classList.toggle("is-flipped", axis.isFlipped);
    this.element.classList.toggle("is-lane-brushed", Boolean(axis.hasGaps && brush?.choices?.includes(null)));
    this.#brushes();
  }

  #brushes() {
    while (this.track.children.length > this.stretches.length) this.track.lastElementChild.remove();
    while (this.track.children.length < this.stretches.length) this.track.append(el("div", { class: "parallel-brush", tabindex: "0", role: "slider", "aria-orientation": "vertical", "aria-valuemin": "0", "aria-valuemax": "100" }));
    this.stretches.forEach((stretch, index) => {
      const box = /** @type {HTMLElement} */ (this.track.children[index]);
      const ends = stretch.map((unit) => heightOf(this.layout, shown(this.axis, unit)) - this.layout.top);
      box.style.setProperty("--from", `${Math.min(...ends)}px`);
      box.style.setProperty("--size", `${Math.max(3, Math.abs(ends[1] - ends[0]))}px`);
      box.setAttribute("aria-label", `Brush of ${this.axis.label}. Arrow keys move it, with Shift they move its upper end, Delete clears it`);
      box.setAttribute("aria-valuenow", String(Math.round(50 * (stretch[0] + stretch[1]))));
      box.setAttribute("aria-valuetext", this.#words(index));
    });
  }

  #words(index) {
    const { choices, ranges } = this.brush;
    if (choices) return choices.map((choice) => (choice === null ? this.axis.without : plain(choice))).join(", ");
    const [low, high] = ranges[index] ?? ranges[0];
    if (!Number.isFinite(low)) return `up to ${plain(high)}`;
    return Number.isFinite(high) ? `${plain(low)} to ${plain(high)}` : `from ${plain(low)}`;
  }

  #unit(event) {
    const box = this.track.getBoundingClientRect();
    const unit = unitAt(this.layout, event.clientY - box.top + this.layout.top);
    return shown(this.axis, unit);
  }

  #press(event) {
    if (event.button !== 0) return;
    const { axis, layout } = this;
    const box = this.track.getBoundingClientRect();
    if (axis.hasGaps && event.clientY - box.top > layout.bottom - layout.top + 6) return this.#toggle(null);
    event.preventDefault();
    const from = this.#unit(event);
    const before = this.stretches;
    const grip = grabbed(before, from, GRIP / (layout.bottom - layout.top));
    let isDrag = false;
    this.#follow(this.track, event, {
      move: (moved) => {
        const to = this.#unit(moved);
        isDrag ||= Math.abs(to - from) >= LEAST;
        if (isDrag) this.acts.brush(axis.key, brushOf(axis, dragged(before, grip, from, to)));
      },
      up: () => {
        if (isDrag) return /** @type {HTMLElement} */ (this.track.lastElementChild)?.focus({ preventScroll: true });
        if (axis.kind === "category") return this.#toggle(axis.choices[Math.min(axis.choices.length - 1, Math.floor(from * axis.choices.length))]);
        if (grip.part === "new") this.acts.brush(axis.key, null);
        return /** @type {HTMLElement} */ (this.track.children[grip.index])?.focus({ preventScroll: true });
      },
    });
  }

  /** One choice, or those without a value, into the brush or out of it. */
  #toggle(choice) {
    const choices = this.brush?.choices ?? [];
    const next = choices.includes(choice) ? choices.filter((each) => each !== choice) : [...choices, choice];
    this.acts.brush(this.axis.key, next.length ? { choices: next } : null);
  }

  #brushKey(event) {
    const index = [...this.track.children].indexOf(event.target);
    const turn = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (index < 0 || (!turn && event.key !== "Delete" && event.key !== "Backspace")) return;
    event.preventDefault();
    const { axis, stretches } = this;
    if (!turn) return this.acts.brush(axis.key, brushOf(axis, stretches.filter((_, at) => at !== index)));
    const step = axis.kind === "category" ? 1 / axis.choices.length : axis.isWhole ? Math.max(0.01, 1 / (axis.high - axis.low || 1)) : 0.02;
    const by = step * turn * (axis.isFlipped ? -1 : 1);
    const grip = { index, part: event.shiftKey ? (axis.isFlipped ? "low" : "high") : "middle" };
    const from = event.shiftKey ? stretches[index][axis.isFlipped ? 0 : 1] : 0;
    return this.acts.brush(axis.key, brushOf(axis, dragged(stretches, grip, from, from + by)));
  }

  #take(event) {
    if (event.button !== 0) return;
    const from = event.clientX;
    this.wasDragged = false;
    this.#follow(this.head, event, {
      move: (moved) => {
        const by = moved.clientX - from;
        this.wasDragged ||= Math.abs(by) > DRAG;
        if (this.wasDragged) this.#shift(by);
      },
      up: (ended) => {
        this.#shift(0);
        if (this.wasDragged) this.acts.move(this.axis.key, this.acts.heldAt(this.layout.xs[this.at] + ended.clientX - from));
      },
    });
  }

  #shift(by) {
    this.element.style.setProperty("--shift", `${by}px`);
    this.element.classList.toggle("is-held", by !== 0);
  }

  #click() {
    if (!this.wasDragged) this.acts.open(this.axis.key, this.head);
    this.wasDragged = false;
  }

  #headKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.acts.move(this.axis.key, this.at + by);
    this.head.focus();
  }

  /** A drag from a press to its end, wherever the pointer goes. */
  #follow(element, event, { move, up }) {
    const stop = new AbortController();
    const { signal } = stop;
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", move, { signal });
    element.addEventListener("pointerup", (ended) => { stop.abort(); up(ended); }, { signal });
    element.addEventListener("pointercancel", () => { stop.abort(); this.#shift(0); }, { signal });
  }
}
