/** The Analysis tab: one import a chart. experiment.js comes after it and begins to poll. */
import "./elements/parallel-coordinates.js";
