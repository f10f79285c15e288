/** Keeps a part of a page fresh: asks for the page again and swaps this part when it says anything new. */
import { PollingElement } from "../lib/polling-element.js";

const PENDING = ".state-queued, .state-waiting, .state-running, .state-pausing, .state-stopping";

const answers = new Map(); // by address

/** Parts of one page ask at the same time: one answer serves them all. */
function together(address) {
  if (!answers.has(address)) {
    const forget = () => setTimeout(() => answers.delete(address), 1000);
    answers.set(address, fetch(address).finally(forget));
  }
  return answers.get(address);
}

/** What a part says; a form's token is another one in each answer and says nothing. */
const words = (part) => part.innerHTML.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");

/** With `while-pending` only as long as any such part of the page shows something that goes on. */
class FreshPart extends PollingElement {
  connectedCallback() {
    super.connectedCallback();
    this.drawn = words(this); // as the server wrote it: elements within may change what they show
  }

  isLive() {
    if (!this.hasAttribute("while-pending")) return true;
    const parts = [...document.querySelectorAll("fresh-part[while-pending]")];
    return parts.some((part) => part.querySelector(PENDING));
  }

  address() {
    return location.href;
  }

  async question() {
    return (await together(this.address())).clone();
  }

  async take(response) {
    if (response.redirected || this.stop.signal.aborted) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(this.id);
    const reading = this.contains(document.activeElement) || this.querySelector("[open]");
    if (!fresh || reading || words(fresh) === this.drawn) return;
    this.drawn = words(fresh);
    this.replaceChildren(...fresh.childNodes);
  }
}

customElements.define("fresh-part", FreshPart);
