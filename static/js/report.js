/** A report's page: its charts, each from the address that the server gave it, and the button that prints. */
import "./elements/best-so-far.js";
import "./elements/learning-curves.js";
import "./elements/pareto-front.js";
import "./elements/parallel-coordinates.js";
import { durationScore } from "./charts/duration-score.js";
import { hyperparameterImportance } from "./charts/importance.js";
import { defineChart } from "./elements/analysis-chart.js";
import "./elements/live-feed.js";

defineChart("hyperparameter-importance", hyperparameterImportance);
defineChart("duration-score", durationScore);

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
