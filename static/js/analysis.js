/** The Analysis tab: one import a chart. experiment.js comes after it and begins to poll. */
import "./elements/parallel-coordinates.js";
import "./elements/hyperparameter-importance.js";
import "./elements/score-slice.js";
import "./elements/score-surface.js";
import "./elements/choice-boxes.js";
import "./elements/rank-plot.js";
import "./elements/duration-score.js";
import "./elements/score-distribution.js";
import "./elements/worker-timeline.js";
import "./elements/all-curves.js";
