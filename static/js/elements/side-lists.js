/** The lists beside the charts: what needs attention, workers, events. Each redraws from live reports. */
import { el } from "../lib/dom.js";
import { onNews } from "../lib/feed.js";

const MOST_EVENTS = 12;

class SideList extends HTMLElement {
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
  news({ failures }) {
    if (!failures) return;
    this.querySelector("[data-total]").textContent = failures.length || "";
    const shown = failures.map((failure) => this.#item(failure));
    const nothing = el("p", { class: "help" }, "Nothing. Failed trials are told here with their cause.");
    this.items.replaceChildren(...(shown.length ? shown : [nothing]));
  }

  #item({ count, numbers, cause, mend }) {
    const who = count === 1 ? `Trial ${numbers[0]}` : `${count} trials`;
    const links = numbers.slice(0, 6).map((number) => this.trialLink(number, "chip"));
    return el("div", { class: "attention" }, el("p", {}, el("strong", {}, who), ` ${cause}. ${mend}`), el("p", { class: "links" }, ...links));
  }
}

class WorkerStrip extends SideList {
  news({ slots }) {
    if (!slots.length) return;
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
      this.items.prepend(el("li", { "data-event": event.id, class: "has-news" }, time, ` ${event.text}`));
    }
    while (this.items.children.length > MOST_EVENTS) this.items.lastElementChild.remove();
  }
}

const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

customElements.define("attention-list", AttentionList);
customElements.define("worker-strip", WorkerStrip);
customElements.define("event-feed", EventFeed);
