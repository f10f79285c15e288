/** <strategy-regret from>: how the method chosen in the form did on the recorded benchmark. */
import { drawn, strategyRegretConfig, strategyRegretRows } from "../charts/strategy-regret.js";
import { ChartElement } from "./chart-element.js";

const NARROW = window.matchMedia("(max-width: 575.98px)");

class StrategyRegret extends ChartElement {
  buildConfig = strategyRegretConfig;
  buildRows = strategyRegretRows;

  start() {
    this.record = JSON.parse(document.getElementById(this.getAttribute("from")).textContent);
    const field = this.closest("form").querySelector("select[name=sampler]");
    field.addEventListener("change", () => this.#show(field.value), { signal: this.abort.signal });
    NARROW.addEventListener("change", () => this.#fit(), { signal: this.abort.signal });
    this.#fit();
    this.#show(field.value);
  }

  #fit() {
    this.options = { ...this.options, isNarrow: NARROW.matches };
    this.redraw();
  }

  #show(chosen) {
    const { curves, labels } = this.record;
    this.say(drawn(curves, chosen).length ? "" : "None of these samplers was measured");
    this.note(curves[chosen] ? "" : `${labels[chosen]} was not measured`);
    this.draw({ ...this.record, chosen });
  }
}
customElements.define("strategy-regret", StrategyRegret);
