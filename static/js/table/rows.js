/** The rows of the trial table that stand in the document: a window over up to 10,000. */
import { offsetOf, rowWindow } from "../lib/row-window.js";

const ROW = 33; // until one has been measured
const [LEAST, MOST] = [16, 96]; // heights that a row may have; others were read in the midst of a change
const UNSTEADY = 0.05; // share by which the mean height may differ before the space above and below follows it
const DETAIL = 253;

export class Rows {
  /** @type {Map<number, HTMLTableRowElement>} lines by trial number */
  lines = new Map();
  numbers = [];
  place = new Map();
  measured = ROW;
  opened = null; // { number, line }
  pinned = null; // a trial whose line stays in sight, at the edge behind which its place is

  /**
   * @param {HTMLElement} scroller with one table
   * @param {{ build: (number: number) => HTMLTableRowElement, shown: (numbers: number[]) => void }} owner
   * @param {AbortSignal} signal
   */
  constructor(scroller, owner, signal) {
    this.scroller = scroller;
    this.owner = owner;
    this.body = scroller.querySelector("[data-rows]");
    for (const line of /** @type {NodeListOf<HTMLTableRowElement>} */ (this.body.querySelectorAll("tr[data-number]"))) this.lines.set(Number(line.dataset.number), line);
    this.first = [...this.lines.keys()];
    scroller.addEventListener("scroll", () => this.#soon(), { signal, passive: true });
    const watcher = new ResizeObserver(() => this.#soon());
    watcher.observe(scroller);
    signal.addEventListener("abort", () => watcher.disconnect());
  }

  /** These trials in this order; lines that are still right are kept. @param {number[]} numbers */
  show(numbers) {
    this.numbers = numbers;
    this.place = new Map(numbers.map((number, index) => [number, index]));
    this.fill();
  }

  /** Lines that must be built again: of some trials, or all. @param {Iterable<number>} [numbers] */
  forget(numbers = [...this.lines.keys()]) {
    for (const number of numbers) {
      this.lines.get(number)?.remove();
      this.lines.delete(number);
    }
  }

  /** Build lines again that stand in the document, in their places. @param {number[]} numbers of trials */
  renew(numbers) {
    const standing = numbers.filter((number) => this.lines.get(number)?.isConnected);
    for (const number of standing) {
      const line = this.owner.build(number);
      this.lines.get(number).replaceWith(line);
      this.lines.set(number, line);
    }
    if (standing.length) this.owner.shown([...this.lines.keys()]);
  }

  fill() {
    const { from, to, above, below } = rowWindow(this.#view());
    const wanted = this.numbers.slice(from, to);
    const pinned = this.place.get(this.pinned) ?? -1;
    const before = pinned >= 0 && pinned < from;
    const after = pinned >= to;
    if (before) wanted.unshift(this.pinned);
    if (after) wanted.push(this.pinned);
    const nodes = wanted.flatMap((number) => {
      const line = this.#line(number);
      return this.opened?.number === number ? [line, this.opened.line] : [line];
    });
    const kept = new Set(nodes);
    for (const node of Array.from(this.body.children)) if (!kept.has(node)) node.remove();
    nodes.forEach((node, index) => {
      if (this.body.children[index] !== node) this.body.insertBefore(node, this.body.children[index] ?? null);
    });
    this.#space("[data-above]", above - (before ? this.measured : 0));
    this.#space("[data-below]", below - (after ? this.measured : 0));
    this.#keepWidths();
    const standing = new Set(wanted);
    for (const number of this.lines.keys()) if (!standing.has(number)) this.lines.delete(number);
    this.owner.shown(wanted);
  }

  /** Hang a line below a trial's, or nothing. @param {{ number: number, line: HTMLTableRowElement }|null} opened */
  open(opened) {
    this.opened?.line.remove();
    this.opened = opened;
    this.fill();
  }

  /** Scroll so far that a trial's line is in sight, and give it. */
  reveal(number) {
    const index = this.place.get(number);
    if (index === undefined) return null;
    const { row, opened, detail } = this.#view();
    const head = this.scroller.querySelector("thead").offsetHeight;
    const top = offsetOf(index, row, opened, detail);
    const room = this.scroller.clientHeight - head - row;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = top - room;
    this.fill();
    return this.lines.get(number) ?? null;
  }

  #view() {
    const isOpen = this.opened?.line.isConnected;
    const detail = isOpen ? this.opened.line.offsetHeight : DETAIL;
    // The mean of all that stand: one line that wraps, the pinned one say, would stand for thousands,
    // and the window would end in the midst of the screen.
    const standing = this.body.children.length - (isOpen ? 1 : 0);
    const seen = standing ? (this.body.offsetHeight - (isOpen ? detail : 0)) / standing : 0;
    if (seen >= LEAST && seen <= MOST && Math.abs(seen / this.measured - 1) > UNSTEADY) this.measured = seen;
    const row = this.measured;
    const opened = this.opened ? (this.place.get(this.opened.number) ?? -1) : -1;
    return { count: this.numbers.length, row, top: this.scroller.scrollTop, height: this.scroller.clientHeight, opened, detail };
  }

  #line(number) {
    if (!this.lines.has(number)) this.lines.set(number, this.owner.build(number));
    return this.lines.get(number);
  }

  #space(name, height) {
    const row = this.scroller.querySelector(name);
    row.hidden = height <= 0;
    row.firstElementChild.firstElementChild.style.height = `${height}px`;
  }

  /** A column never becomes narrower while rows go by: the table would tremble. */
  #keepWidths() {
    const heads = [...this.scroller.querySelectorAll("thead tr:first-child th")];
    const key = heads.map((head) => head.textContent).join("|");
    if (key !== this.widthsOf) this.widths = [];
    this.widthsOf = key;
    const now = heads.map((head) => Math.ceil(head.getBoundingClientRect().width));
    heads.forEach((head, index) => {
      if (now[index] <= (this.widths[index] ?? 0)) return;
      this.widths[index] = now[index];
      head.style.minWidth = `${now[index]}px`;
    });
  }

  #soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.numbers.length) this.fill();
    });
  }
}
