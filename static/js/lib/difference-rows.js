/** What both comparison pages do with their tables: fold equal rows, walk through differences, keep links true. */
import { keptInAddress, writeAddress } from "./address.js";
import { kept } from "./compare-address.js";

const KEYS = { n: 1, p: -1 };
const ROWS = "tr[data-differs]";
let current = -1; // the row that was gone to last

/** The place to go to: round and round; -1 where there is none. @param {number} at now, -1 before the first */
export function nextPlace(at, count, step) {
  if (!count) return -1;
  if (at < 0) return step > 0 ? 0 : count - 1;
  return (at + step + count) % count;
}

/** "learning_rate: 3 of 4 differ from the base · difference 2 of 5" */
export function placeWords(name, differing, columns, at, count) {
  return `${name}: ${differing} of ${columns} differ${differing === 1 ? "s" : ""} from the base · difference ${at + 1} of ${count}`;
}

export function startDifferences() {
  const tables = document.querySelector(".compare-tables");
  if (tables) {
    const keep = keptInAddress((query) => {
      if (tables.querySelector("[data-only-differences]")?.getAttribute("aria-pressed") === "false") query.set("equal", "shown");
      else query.delete("equal");
      if (tables.classList.contains("with-exact")) query.set("exact", "shown");
      else query.delete("exact");
    });
    tables.addEventListener("click", (event) => {
      const fold = event.target.closest("[data-only-differences]");
      if (fold) toggle(tables, fold, keep);
      const exact = event.target.closest("[data-exact]");
      if (exact) {
        exact.setAttribute("aria-pressed", String(tables.classList.toggle("with-exact")));
        keep();
      }
      if (event.target.closest("[data-next-difference]")) walk(tables, 1);
    });
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
      if (event.defaultPrevented || isTyping || event.metaKey || event.ctrlKey || event.altKey || !(event.key in KEYS)) return;
      event.preventDefault();
      walk(tables, KEYS[event.key]);
    });
  }
  // A link that was written before a chart or a table was set otherwise takes that with it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-keep]");
    if (!link) return;
    writeAddress();
    const address = new URL(link.href);
    link.href = address.pathname + kept(address.search, window.location.search);
  });
}

function toggle(tables, button, keep) {
  const only = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(only));
  tables.classList.toggle("only-differences", only);
  for (const words of tables.querySelectorAll("[data-hidden-count]")) words.hidden = !only || words.textContent.trim().startsWith("0 ");
  keep();
}

/** Marks the row, brings it and its first differing cell into sight, and says what differs. */
function walk(tables, step) {
  const rows = [...tables.querySelectorAll(ROWS)];
  current = nextPlace(current, rows.length, step);
  if (current < 0) return;
  for (const row of rows) row.removeAttribute("aria-current");
  const row = rows[current];
  row.setAttribute("aria-current", "true");
  const cells = [...row.querySelectorAll("td.differs")];
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  (cells[0] ?? row).scrollIntoView({ block: "center", inline: "center" });
  tables.querySelector("[data-difference]").textContent = placeWords(row.dataset.differs, cells.length, row.querySelectorAll("td").length - 1, current, rows.length);
}
