/** <score-distribution src distribution page>: shares of the trials by score, of this and other experiments. */
import { distributionConfig, distributionRows, linesOf } from "../charts/score-distribution.js";
import { keptInAddress } from "../lib/address.js";
import { el } from "../lib/dom.js";
import { thousands } from "../lib/format.js";
import { AnalysisChart } from "./analysis-chart.js";

const MOST = 5;

class ScoreDistribution extends AnalysisChart {
  spec = {
    config: distributionConfig,
    rows: distributionRows,
    points: linesOf,
    note({ others }) {
      const unlike = others.filter((other) => other.unlike).length;
      const plural = unlike === 1 ? "other search is" : "others are";
      return unlike ? `${unlike} ${plural} not comparable: see the list` : "";
    },
  };
  beside = (new URLSearchParams(window.location.search).get("beside") ?? "").split(",").filter(Boolean).slice(0, MOST);

  dataAddress() {
    return super.dataAddress() + (this.beside.length ? `?with=${this.beside.join(",")}` : "");
  }

  async prepare(anew = false) {
    await super.prepare(anew);
    this.beside = this.found.drawn.map(({ code }) => code);
    if (this.keepBeside) return;
    this.keepBeside = keptInAddress((query) => {
      if (this.beside.length) query.set("beside", this.beside.join(","));
      else query.delete("beside");
    });
    this.#list();
  }

  /** A box to tick for each other experiment; those that can't be compared say why. */
  #list() {
    const menu = this.querySelector("[data-others]");
    const items = this.found.others.map(({ code, name, scored, unlike }) => {
      const box = el("input", { class: "form-check-input", type: "checkbox", value: code });
      box.checked = this.beside.includes(code);
      box.disabled = Boolean(unlike);
      box.addEventListener("change", () => this.#tick(box));
      const words = el("span", { class: "small quiet" }, ` ${unlike || `${thousands(scored)} ${scored === 1 ? "trial" : "trials"}`}`);
      return el("label", { class: "dropdown-item" }, box, el("bdi", {}, ` ${name}`), words);
    });
    menu.replaceChildren(...(items.length ? items : [el("p", { class: "dropdown-item small quiet" }, "No other search of the project has this objective")]));
  }

  async #tick(box) {
    this.beside = box.checked ? [...this.beside, box.value].slice(-MOST) : this.beside.filter((code) => code !== box.value);
    try {
      await this.prepare();
      this.show();
    } catch (error) {
      if (!this.abort.signal.aborted) this.note(`The other experiment could not be loaded. ${error.message}`);
    }
    this.keepBeside();
    for (const each of this.querySelectorAll("[data-others] input")) each.checked = this.beside.includes(each.value);
  }
}
customElements.define("score-distribution", ScoreDistribution);
