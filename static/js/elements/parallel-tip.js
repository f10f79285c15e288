/** What stands beside the pointer on a line of parallel coordinates. */
import { el } from "../lib/dom.js";

/** @param {HTMLElement} tip @param {string} head @param {[string, string][]} words names and values @param {string} last what can be done */
export function fillTip(tip, head, words, last) {
  const lines = words.flatMap(([name, value]) => {
    const text = el("dd", {}, value);
    text.dir = "auto";
    return [el("dt", {}, name), text];
  });
  tip.replaceChildren(el("strong", {}, head), el("dl", {}, ...lines), el("span", { class: "help" }, last));
}
