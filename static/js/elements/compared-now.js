/**
 * <compared-now id running>: the comparison's tables while something compared runs. Asks for the page again, swaps the
 * parts that say something new and that nobody is reading, and tells the charts by "compared-news" on the document.
 */
import { writeAddress } from "../lib/address.js";
import { PollingElement } from "../lib/polling-element.js";

class ComparedNow extends PollingElement {
  isLive() {
    return this.hasAttribute("running");
  }

  address() {
    writeAddress(); // the server draws what is folded as the address says
    return window.location.href;
  }

  async take(response) {
    if (response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(this.id);
    if (!fresh) return;
    const parts = [...fresh.children];
    if (parts.length !== this.children.length) this.replaceChildren(...parts); // a test that wasn't there before
    else [...this.children].forEach((part, at) => !isRead(part) && part.outerHTML !== parts[at].outerHTML && part.replaceWith(parts[at]));
    this.toggleAttribute("running", fresh.hasAttribute("running"));
    document.dispatchEvent(new Event("compared-news"));
  }
}

const isRead = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

customElements.define("compared-now", ComparedNow);
