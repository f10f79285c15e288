/** Keeps a part of a page fresh: asks for the page again and swaps this part when it says anything new. */
import { AskingElement } from "../lib/asking-element.js";

class FreshPart extends AskingElement {
  address() {
    return location.href;
  }

  async take(response) {
    if (response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(this.id);
    const reading = this.contains(document.activeElement) || this.querySelector("[open]");
    if (!fresh || reading || fresh.innerHTML === this.innerHTML) return;
    this.replaceChildren(...fresh.childNodes);
  }
}

customElements.define("fresh-part", FreshPart);
