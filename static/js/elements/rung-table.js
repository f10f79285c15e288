/** Keeps the rung table fresh while the search runs. */
import { ToldPart } from "../lib/told-part.js";

class RungTable extends ToldPart {}

customElements.define("rung-table", RungTable);
