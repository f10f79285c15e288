/** What can be set on one axis of <parallel-coordinates>, without dragging too: scale, direction, place, range. */
import { el } from "../lib/dom.js";
import { plain } from "../lib/format.js";

/**
 * @param {HTMLElement} menu a popover
 * @param {HTMLElement} head the button below which it opens
 * @param {{ axis: import("../charts/parallel-axes.js").Axis, at: number, count: number, brush: ReportJson|undefined }} state
 * @param {Record<string, Function>} acts flip, rescale, move, hide, brush
 */
export function openMenu(menu, head, { axis, at, count, brush }, acts) {
  const close = (act) => () => {
    menu.hidePopover();
    act();
    head.focus();
  };
  const line = (words, act, isOff = false) => {
    const button = el("button", { class: "dropdown-item", type: "button" }, words);
    button.disabled = isOff;
    button.addEventListener("click", close(act));
    return button;
  };
  const scale = axis.scale === "linear" ? ["Log scale", "log"] : ["Linear scale", "linear"];
  const key = axis.key;
  menu.replaceChildren(
    el("strong", { class: "parallel-menu-title" }, axis.label),
    ...(axis.kind === "category" ? [choiceList(axis, brush, acts)] : [rangeFields(axis, brush, acts)]),
    el("hr", { class: "dropdown-divider" }),
    line(axis.isFlipped ? "Flip back" : "Flip", () => acts.flip(key)),
    ...(axis.canBeLog ? [line(scale[0], () => acts.rescale(key, scale[1]))] : []),
    line("Move left", () => acts.move(key, at - 1), at === 0),
    line("Move right", () => acts.move(key, at + 1), at === count - 1),
    line("Hide this axis", () => acts.hide(key), count < 3),
    line("Clear brush", () => acts.brush(key, null), !brush),
  );
  menu.setAttribute("aria-label", `Axis ${axis.label}`);
  const place = head.getBoundingClientRect();
  menu.style.setProperty("--left", `${Math.max(8, Math.min(place.left, window.innerWidth - 250))}px`);
  menu.style.setProperty("--top", `${place.bottom + 4}px`);
  menu.showPopover();
  menu.querySelector("input, button:not(:disabled)")?.focus();
}

function rangeFields(axis, brush, acts) {
  const [low, high] = brush?.ranges?.[0] ?? [-Infinity, Infinity];
  const field = (words, value, hint) =>
    el("label", {}, words, el("input", { class: "form-control form-control-sm mono", inputmode: "decimal", value: Number.isFinite(value) ? String(value) : "", placeholder: plain(hint) }));
  const from = field("From", low, axis.low);
  const to = field("to", high, axis.high);
  const note = el("p", { class: "error" });
  note.hidden = true;
  const box = el("div", { class: "parallel-range" }, from, to, note);
  box.addEventListener("change", () => {
    const [least, most] = [from, to].map((label) => label.querySelector("input").value.trim().replace(",", "."));
    const range = [least === "" ? -Infinity : Number(least), most === "" ? Infinity : Number(most)];
    const isBad = range.some(Number.isNaN) || range[0] > range[1];
    note.hidden = !isBad;
    note.textContent = range.some(Number.isNaN) ? "A range needs numbers, such as 0.001." : "The first number is above the second. Swap them.";
    if (!isBad) acts.brush(axis.key, range.some(Number.isFinite) ? { ranges: [range] } : null);
  });
  return box;
}

function choiceList(axis, brush, acts) {
  const all = axis.hasGaps ? [...axis.choices, null] : axis.choices;
  const boxes = all.map((choice) => {
    const box = el("input", { class: "form-check-input", type: "checkbox" });
    box.checked = brush?.choices?.includes(choice) ?? false;
    return box;
  });
  const list = el("div", { class: "parallel-choices", role: "group", "aria-label": `Choices of ${axis.label}` });
  all.forEach((choice, at) => {
    const words = el("span", {}, choice === null ? axis.without : plain(choice));
    words.dir = "auto";
    list.append(el("label", {}, boxes[at], words));
  });
  list.addEventListener("change", () => {
    const choices = all.filter((_, at) => boxes[at].checked);
    acts.brush(axis.key, choices.length ? { choices } : null);
  });
  return list;
}
