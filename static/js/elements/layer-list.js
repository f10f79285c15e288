/** The layer list: add, move and remove layers; fix each parameter or let the search vary it. */
import { isSearched, moved, newLayer, readLayers, removed, rowName, typedValue, withParam } from "../lib/layers.js";

class LayerList extends HTMLElement {
  connectedCallback() {
    this.kinds = JSON.parse(this.querySelector("script").textContent);
    this.text = this.querySelector("textarea");
    this.layers = readLayers(this.text.value);
    for (const plain of this.querySelectorAll("[data-plain]")) plain.hidden = true;
    this.list = element("ol", { className: "layers" });
    this.append(this.list, this.adders());
    this.draw();
  }

  kindOf(layer) {
    return this.kinds.find((kind) => kind.kind === layer.kind);
  }

  /** Take a new list; the server then draws the space of it. */
  take(layers) {
    this.layers = layers;
    this.text.value = JSON.stringify(layers, null, 1);
    this.draw();
    this.dispatchEvent(new CustomEvent("plan-changed", { bubbles: true }));
  }

  draw() {
    this.list.replaceChildren(...this.layers.map((layer, index) => this.row(layer, index)));
  }

  row(layer, index) {
    const kind = this.kindOf(layer);
    const params = element("span", { className: "layer-params" });
    params.append(...(kind?.params ?? []).map((param) => this.param(layer, index, param)));
    const row = element("li", { className: "layer" });
    row.append(
      element("span", { className: "layer-number num", textContent: `${index + 1}` }),
      element("strong", { textContent: kind?.label ?? layer.kind, title: kind?.help ?? "" }),
      params,
      this.tools(index, kind?.label ?? layer.kind),
    );
    return row;
  }

  param(layer, index, param) {
    const value = layer.params?.[param.name] ?? param.default;
    const searched = isSearched(value);
    const label = element("span", { className: "layer-param", title: param.help });
    label.append(element("span", { className: "quiet", textContent: param.name }));
    if (!searched) label.append(this.input(value, index, param));
    const toggle = element("button", { type: "button", className: "chip", textContent: searched ? "tuned below" : "tune", id: `layer-${index}-${param.name}` });
    toggle.setAttribute("aria-pressed", String(searched));
    toggle.title = searched ? `Fix at ${param.default}` : `Tune as ${rowName(this.layers, index, param.name)}`;
    toggle.addEventListener("click", () => {
      this.take(withParam(this.layers, index, param.name, searched ? param.default : { search: param.row }));
    });
    label.append(toggle);
    return label;
  }

  input(value, index, param) {
    const name = `${param.name} of layer ${index + 1}`;
    const change = (text) => this.take(withParam(this.layers, index, param.name, typedValue(text, param.type)));
    if (param.type === "choice") {
      const select = element("select", { className: "cell-input", ariaLabel: name });
      for (const choice of param.choices) {
        select.append(element("option", { value: choice, textContent: choice, selected: choice === value }));
      }
      select.addEventListener("change", () => {
        const number = param.choices.find((choice) => String(choice) === select.value);
        this.take(withParam(this.layers, index, param.name, number));
      });
      return select;
    }
    const input = element("input", { className: "cell-input num", value, ariaLabel: name, inputMode: "decimal" });
    input.addEventListener("change", () => change(input.value));
    return input;
  }

  tools(index, label) {
    const tools = element("span", { className: "layer-tools" });
    const add = (text, name, act, disabled = false) => {
      const button = element("button", { type: "button", textContent: text, ariaLabel: `${name}: ${label}, layer ${index + 1}`, disabled });
      button.id = `layer-${index}-${name.toLowerCase().replace(" ", "-")}`;
      button.addEventListener("click", act);
      tools.append(button);
    };
    add("↑", "Move up", () => this.take(moved(this.layers, index, index - 1)), index === 0);
    add("↓", "Move down", () => this.take(moved(this.layers, index, index + 1)), index === this.layers.length - 1);
    add("✕", "Remove", () => this.take(removed(this.layers, index)));
    return tools;
  }

  adders() {
    const bar = element("div", { className: "layer-add", role: "group", ariaLabel: "Add a layer" });
    for (const kind of this.kinds) {
      const button = element("button", { type: "button", className: "btn btn-sm", textContent: `+ ${kind.label}`, title: kind.help });
      button.addEventListener("click", () => this.take([...this.layers, newLayer(kind)]));
      bar.append(button);
    }
    return bar;
  }
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

customElements.define("layer-list", LayerList);
