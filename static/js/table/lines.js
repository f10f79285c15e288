/** The lines of the trial table as HTML: heads, a trial's row, its sparkline. templates/experiments/_row.html is the twin. */
import { el, svg } from "../lib/dom.js";
import { PALETTE_SIZE } from "../lib/palette.js";
import { icon, stateBadge } from "../lib/states.js";
import { inFull } from "../lib/trial-store.js";
import { rowCells } from "../lib/trial-row.js";

/**
 * @param {{ store: import("../lib/trial-store.js").TrialStore, columns: ReportJson[], best: number, recommended: string, page: string }} table
 * @param {number} index of the row in the store
 */
export function trialLine(table, index) {
  const number = table.store.own.number[index];
  const box = el("input", { class: "form-check-input", type: "checkbox", "aria-label": `Select trial ${number}` });
  const line = el("tr", { "data-number": number, tabindex: "-1" }, el("td", { class: "check" }, box));
  line.classList.toggle("is-best", index === table.best);
  const aside = table.store.at("set_aside", index);
  line.classList.toggle("is-set-aside", Boolean(aside));
  if (aside) line.title = `Set aside: ${aside}`;
  for (const cell of rowCells(table.store, index, table.columns, table.best)) line.append(cellOf(cell, number, table));
  line.append(el("td", { class: `num spark trial-c${number % PALETTE_SIZE}` }));
  return line;
}

/** @param {import("../lib/trial-row.js").Cell} cell @param {number} number of the trial */
function cellOf({ kind, text, title, more }, number, table) {
  if (kind === "name") {
    const swatch = el("span", { class: `swatch trial-c${number % PALETTE_SIZE}`, "aria-hidden": "true" });
    const link = el("a", { class: "plain trial-name", href: `${table.page}trials/${number}/` }, swatch, text);
    const opener = el("button", { class: "row-opener", type: "button", "data-open": number, "aria-expanded": "false", "aria-label": `Curves of trial ${number}` }, icon("chevron-down"));
    return el("th", { scope: "row" }, link, opener, ...(table.recommended === String(number) ? [" ", recommendedChip()] : []));
  }
  if (kind === "state") return el("td", {}, stateBadge(text, { wordHidden: true }));
  if (kind === "failure") return el("td", { class: "num" }, el("span", { class: "small worse" }, text));
  if (kind === "judged") return el("td", { class: "num" }, el("span", { class: "quiet", title }, text));
  if (kind === "score") {
    const extra = more ? [" ", el("span", { class: "quiet" }, more)] : [];
    return el("td", { class: "num" }, el("strong", { title }, text), ...extra);
  }
  const classes = { behind: "num quiet", number: "num", value: "num mono", word: "mono" };
  return el("td", { class: classes[kind], title: title || undefined }, text);
}

export function recommendedChip() {
  return el("span", { class: "chip chip-accent" }, "recommended");
}

/** Puts a curve into the row's last cell, or takes it away. @param {string} points of a polyline */
export function drawSpark(line, points) {
  const place = line?.querySelector(".spark");
  if (!place || (place.querySelector("polyline")?.getAttribute("points") ?? "") === (points ?? "")) return;
  const picture = svg("svg", { viewBox: "0 0 72 20", "aria-hidden": "true" });
  picture.append(svg("polyline", { points: points ?? "" }));
  place.replaceChildren(...(points ? [picture] : []));
}

/** The heads between the first and the last one, the sorted one marked. */
export function headCells(columns, order, direction) {
  const sorted = inFull(order, direction);
  return columns.flatMap(({ key, label, text }) => {
    const button = el("button", { class: "sort", type: "button", title: label }, label);
    const head = el("th", { scope: "col", "data-key": key, class: text || key === "number" ? "" : "num" }, button);
    if (sorted.key === key) head.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
    return key === "score" ? [head, el("th", { scope: "col", class: "num", title: "Difference to the best trial" }, "vs best")] : [head];
  });
}
