/** The shell's behaviour on every page: theme, rail, palette and keys, remembered project, copying. */
import "./elements/command-palette.js";
import { copyText } from "./lib/copy.js";
import "./lib/print-events.js";

const remember = (key, value) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage may be forbidden: the choice then lasts for this page only
  }
};

const root = document.documentElement;

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-toggle-theme]")) {
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    remember("theme", theme);
    root.dataset.bsTheme = theme;
    root.dispatchEvent(new CustomEvent("theme-choice"));
  }
  if (target?.closest("[data-toggle-rail]")) {
    const folded = root.classList.toggle("rail-folded");
    remember("rail", folded ? "folded" : "open");
  }
  const copier = target?.closest("[data-copy]");
  if (copier) copyText(copier);
  const opener = target?.closest("[data-open-dialog]");
  if (opener) openDialog(document.getElementById(opener.dataset.openDialog));
  const closer = target?.closest("[data-close-dialog]");
  if (closer) closer.closest("dialog")?.close();
});

/** Shows a dialog, and tells what is in it that it was opened. */
function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("command-palette")?.dispatchEvent(new Event("opened"));
}

const DIALOGS = { "/": "search-dialog", "?": "keys-dialog" };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], dialog");
  const isPalette = (event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k";
  const isPlain = !event.metaKey && !event.ctrlKey && !event.altKey && !typing;
  const name = isPalette ? "search-dialog" : isPlain ? DIALOGS[event.key] : undefined;
  const dialog = name && document.getElementById(name);
  if (!dialog) return;
  event.preventDefault();
  openDialog(dialog);
});

const project = document.body.dataset.project;
if (project) document.cookie = `project=${encodeURIComponent(project)}; path=/; max-age=31536000; samesite=lax`;
