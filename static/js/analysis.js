/** The Analysis tab: one line a chart. experiment.js comes after it and begins to poll. */
import "./elements/parallel-coordinates.js";
import "./elements/score-distribution.js";
import { allCurves } from "./charts/all-curves.js";
import { choiceBoxes } from "./charts/choice-boxes.js";
import { durationScore } from "./charts/duration-score.js";
import { generalizationGap } from "./charts/generalization-gap.js";
import { hyperparameterImportance } from "./charts/importance.js";
import { rankPlot } from "./charts/rank-plot.js";
import { scoreSurface } from "./charts/score-surface.js";
import { scoreSlice } from "./charts/slice.js";
import { workerTimeline } from "./charts/worker-timeline.js";
import { defineChart } from "./elements/analysis-chart.js";

defineChart("all-curves", allCurves);
defineChart("choice-boxes", choiceBoxes);
defineChart("duration-score", durationScore);
defineChart("generalization-gap", generalizationGap);
defineChart("hyperparameter-importance", hyperparameterImportance);
defineChart("rank-plot", rankPlot);
defineChart("score-slice", scoreSlice);
defineChart("score-surface", scoreSurface);
defineChart("worker-timeline", workerTimeline);
