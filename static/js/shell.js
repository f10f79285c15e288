/** The shell's behaviour on every page: theme, rail, search key, remembered project, copying. */
import { copyText } from "./lib/copy.js";

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
    root.dispatchEvent(new CustomEvent("theme-wish"));
  }
  if (target?.closest("[data-toggle-rail]")) {
    const folded = root.classList.toggle("rail-folded");
    remember("rail", folded ? "folded" : "open");
  }
  const copier = target?.closest("[data-copy]");
  if (copier) copyText(copier);
  const opener = target?.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  const closer = target?.closest("[data-close-dialog]");
  if (closer) closer.closest("dialog")?.close();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  const plain = !event.metaKey && !event.ctrlKey && !event.altKey;
  const wanted = (plain && event.key === "/" && !typing) || ((event.metaKey || event.ctrlKey) && event.key === "k");
  if (!wanted) return;
  const dialog = document.querySelector("dialog[data-search]");
  if (!dialog || dialog.open) return;
  event.preventDefault();
  dialog.showModal();
});

const project = document.body.dataset.project;
if (project) document.cookie = `project=${encodeURIComponent(project)}; path=/; max-age=31536000; samesite=lax`;
