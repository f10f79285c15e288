/** A report's page: its charts, each from the address that the server gave it, and the button that prints. */
import "./elements/best-so-far.js";
import "./elements/learning-curves.js";
import "./elements/pareto-front.js";
import "./elements/parallel-coordinates.js";
import "./elements/hyperparameter-importance.js";
import "./elements/duration-score.js";
import "./elements/live-feed.js";

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
