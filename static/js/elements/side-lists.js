/** The lists beside the charts: what needs attention, workers, events. Each redraws from live reports. */
import { el } from "../lib/dom.js";
import { flash } from "../lib/flash.js";
import { onNews } from "../lib/feed.js";

const MOST_EVENTS = 12;

class SideList extends HTMLElement {
  /** Lists show what is new. @param {ReportJson} _report */
  news(_report) {}

  connectedCallback() {
    this.abort = new AbortController();
    this.start();
    onNews((report) => this.news(report), this.abort.signal);
  }

  disconnectedCallback() {
    this.abort.abort();
  }

  start() {}

  get items() {
    return this.querySelector("[data-items]");
  }

  trialLink(number, className = "") {
    return el("a", { class: className, href: `${this.getAttribute("page")}trials/${number}/` }, `trial ${number}`);
  }
}

class AttentionList extends SideList {
  news({ failures, findings, checks }) {
    if (failures) this.items.replaceChildren(...failures.map((failure) => this.#item(failure)));
    if (findings) this.#found.replaceChildren(...findings.map((finding) => this.#finding(finding)));
    const total = this.items.children.length + this.#found.children.length;
    this.querySelector("[data-total]").textContent = String(total || "");
    if (checks) this.querySelector("[data-checks]").textContent = checks;
  }

  get #found() {
    return this.querySelector("[data-findings]");
  }

  #finding({ id, severity, statement, label }) {
    const pages = `${this.getAttribute("page")}findings/`;
    const act = el("a", { class: "btn btn-sm", href: `${pages}${id}/act/` }, label);
    const evidence = el("a", { class: "small", href: `${pages}#finding-${id}` }, "evidence");
    const links = this.hasAttribute("acts") && label ? [act, evidence] : [evidence];
    return el("div", { class: `attention attention-${severity}` }, el("p", {}, statement), el("p", { class: "links" }, ...links));
  }

  #item({ count, numbers, cause, fix }) {
    const who = count === 1 ? `Trial ${numbers[0]}` : `${count} trials`;
    const links = numbers.slice(0, 6).map((number) => this.trialLink(number, "chip"));
    return el("div", { class: "attention" }, el("p", {}, el("strong", {}, who), ` ${cause}. ${fix}`), el("p", { class: "links" }, ...links));
  }
}

class WorkerStrip extends SideList {
  news({ slots }) {
    const shown = JSON.stringify(slots);
    if (!slots.length || shown === this.shown) return;
    this.shown = shown;
    this.items.replaceChildren(
      ...slots.map(({ name, trial, elsewhere }) => {
        const what = trial !== null ? `trial ${trial}` : elsewhere ? "another experiment" : "free";
        const kind = trial !== null ? "slot slot-here" : elsewhere ? "slot slot-elsewhere" : "slot";
        return el("li", { class: kind }, el("span", {}, name), el("span", { class: "quiet" }, what));
      }),
    );
  }
}

class EventFeed extends SideList {
  start() {
    for (const time of this.querySelectorAll("[data-clock]")) time.textContent = clock(time.dateTime);
  }

  news({ events }) {
    for (const event of [...events].reverse()) {
      if (this.items.querySelector(`[data-event="${event.id}"]`)) continue;
      this.items.querySelector("[data-nothing]")?.remove();
      const time = el("time", { datetime: event.at }, clock(event.at));
      const line = el("li", { "data-event": event.id }, time, ` ${event.text}`);
      this.items.prepend(line);
      flash(line);
    }
    while (this.items.children.length > MOST_EVENTS) this.items.lastElementChild.remove();
  }
}

const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

customElements.define("attention-list", AttentionList);
customElements.define("worker-strip", WorkerStrip);
customElements.define("event-feed", EventFeed);
