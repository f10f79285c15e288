// Runs before the first paint (a plain script in the head): theme and rail as they were left.
(() => {
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage may be forbidden; the system's theme then stands
    }
  };
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = stored("theme");
    const theme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    root.dataset.bsTheme = theme;
    root.dispatchEvent(new CustomEvent("theme-changed"));
  };
  root.classList.toggle("rail-folded", stored("rail") === "folded");
  dark.addEventListener("change", apply);
  root.addEventListener("theme-choice", apply);
  apply();
})();
