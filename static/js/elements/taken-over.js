/** Keeps fresh what came from elsewhere: what people queued, and what was taken over from earlier searches. */
import { ToldPart } from "../lib/told-part.js";

class TakenOver extends ToldPart {
  static EVERY_MS = 3000;
}

customElements.define("taken-over", TakenOver);
