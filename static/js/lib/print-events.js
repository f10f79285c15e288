/** Makes a page ready for paper: light, and laid out as wide as the paper, before charts are drawn for it. */

const root = document.documentElement;

/** Rules for paper, where they stand in the page's sheets. */
const paperRules = () => [...document.styleSheets].flatMap((sheet) =>
  [...sheet.cssRules].filter((rule) => rule instanceof CSSMediaRule && rule.media.mediaText === "print"),
);
let applied = [];

window.addEventListener("beforeprint", () => {
  root.classList.add("is-printing");
  applied = paperRules();
  for (const rule of applied) rule.media.mediaText = "all";
  root.dataset.bsTheme = "light";
  root.dispatchEvent(new CustomEvent("for-paper"));
});

window.addEventListener("afterprint", () => {
  root.classList.remove("is-printing");
  for (const rule of applied) rule.media.mediaText = "print";
  applied = [];
  root.dispatchEvent(new CustomEvent("theme-choice")); // as it was left; charts draw themselves again
  root.dispatchEvent(new CustomEvent("for-screen"));
});
