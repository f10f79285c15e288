/** Keeps the rung table fresh while the search runs. */
import { ToldPart } from "../lib/told-part.js";

class RungTable extends ToldPart {
  static EVERY_MS = 3000;
}

customElements.define("rung-table", RungTable);
