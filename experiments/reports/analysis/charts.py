"""The charts: what each is called, what it says of itself, and what it reads beside the trials.

`{% chart "slice" experiment %}` draws one as a panel; the page's script (static/js/analysis.js) names its module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from experiments.models import Experiment
from experiments.reports.analysis.distribution import distribution_report, read_codes
from experiments.reports.analysis.generalization import generalization_report
from experiments.reports.analysis.importance import importance_report, surface_report
from experiments.reports.analysis.pareto_front import front
from experiments.reports.trials.all_curves import all_curves
from experiments.reports.trials.attempts import attempts_report

Data = Callable[[Experiment, Mapping[str, str]], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """title: its heading. label: what it shows, for who can't see it. help: how to read it.

    tag: its custom element. data: what `<its name>.json` answers to an address's query, None where the
    experiment has nothing of it. choosers: the options that choose a hyperparameter, by label. tools: template
    of other options. size: a class where it takes more than a column.
    """

    title: str
    label: str
    help: str
    tag: str = ""
    data: Data | None = None
    choosers: Mapping[str, str] = field(default_factory=dict)
    tools: str = ""
    size: str = ""


ANALYSIS: Final[Mapping[str, Chart]] = {
    "importance": Chart(
        "Importance",
        "Importance of each hyperparameter",
        "A bar is the share of the score's variance explained by one hyperparameter, or by two in "
        "interaction; the whisker is its 95 % interval. A pale, outlined bar is not significant.",
        tag="hyperparameter-importance",
        data=lambda experiment, _: importance_report(experiment),
    ),
    "slice": Chart(
        "Slice",
        "Score over one hyperparameter",
        "Each point is a completed trial; the star is the best. Above 1,000 trials, shading shows the "
        "density. The line is the running median of the matching trials, the dashed lines are the quartiles.",
        tag="score-slice",
        choosers={"key": "Hyperparameter of the slice"},
    ),
    "surface": Chart(
        "Contour",
        "Predicted score over two hyperparameters",
        "The stronger the colour, the better the predicted score, averaged over the other hyperparameters. "
        "A diagonal marks a cell without trials, where the model extrapolates. Points are trials, the star "
        "is the best. Hover for the predicted score and its standard error.",
        tag="score-surface",
        data=lambda experiment, query: surface_report(
            experiment, query.get("x", ""), query.get("y", "")
        ),
        choosers={"x": "X axis of the contour", "y": "Y axis of the contour"},
    ),
    "boxes": Chart(
        "Box plot by value",
        "Score by value of a hyperparameter",
        "Each box spans the middle half of the matching trials with that value; the thick line is the "
        "median, and the whiskers reach the last trial within 1.5 box lengths. Up to 40 trials are drawn as "
        "points; n is the number of trials.",
        tag="choice-boxes",
        choosers={"key": "Hyperparameter of the box plot"},
    ),
    "ranks": Chart(
        "Rank scatter",
        "Rank of each trial over two hyperparameters",
        "Each point is a trial: the larger and stronger its colour, the better its rank. A cluster of large "
        "points marks a good region, whatever the scale of the scores.",
        tag="rank-plot",
        choosers={"x": "X axis of the rank scatter", "y": "Y axis of the rank scatter"},
    ),
    "duration": Chart(
        "Score vs. training time",
        "Score vs. training time",
        "Each point is a completed trial; the star is the best. The dashed line is the best score reached "
        "within that training time.",
        tag="duration-score",
    ),
    "generalization": Chart(
        "Generalization gap",
        "Validation metric vs. training metric of each trial",
        "Each point is a completed trial; the star is the best. On the dashed line validation equals training. "
        "The farther a point lies on the worse side of it, the more the trial overfits.",
        tag="generalization-gap",
        data=lambda experiment, _: generalization_report(experiment),
    ),
    "distribution": Chart(
        "Score distribution",
        "Cumulative distribution of scores",
        "The line is the share of trials that scored at most that value. If higher is better, the lower "
        "line is the better search. Add other searches that used the same data, split and protocol.",
        tag="score-distribution",
        data=lambda experiment, query: distribution_report(
            experiment, read_codes(query.get("with", ""))
        ),
        tools="analysis/_distribution_tools.html",
        size="analysis-two-thirds",
    ),
    "attempts": Chart(
        "Worker timeline",
        "Attempts of each worker over time",
        "Each bar is one attempt at a trial in the colour of its outcome. A thinner bar is a retry, a "
        "diagonal marks a failure, gaps are idle time. Hover for the trial and its outcome.",
        tag="worker-timeline",
        data=lambda experiment, _: attempts_report(experiment),
        tools="analysis/_timeline_tools.html",
        size="analysis-wide",
    ),
    "all-curves": Chart(
        "Learning curves of all trials",
        "Objective by epoch, all trials",
        "Each pale line is the first execution of a trial; above 1,000 trials, shading shows the density. "
        "The black line is the median of the matching trials; selected trials have their own colours.",
        tag="all-curves",
        data=lambda experiment, query: all_curves(
            experiment, is_whole=query.get("range") == "whole"
        ),
        tools="analysis/_all_curves_tools.html",
        size="analysis-wide",
    ),
}
CHARTS: Final[Mapping[str, Chart]] = {
    **ANALYSIS,
    "front": Chart(
        "Pareto front",
        "Two objectives of every completed trial",
        "Each mark is a completed trial. Filled marks are on the Pareto front of all objectives; the star is "
        "its knee. The line is the front of the two objectives shown.",
        data=lambda experiment, _: found.to_dict() if (found := front(experiment)) else None,
    ),
    "best-so-far": Chart(
        "Best so far",
        "Score of each trial, and the best so far",
        "Each mark is a trial: a circle completed, a triangle was pruned, a diamond is paused, a cross "
        "failed. Trials without a score are drawn at their value at the last rung, else at the axis. The "
        "line is the best score so far; the band is the standard deviation over that trial's executions.",
    ),
    "curves-by-trial": Chart(
        "Learning curves",
        "Metric by epoch, one line per trial",
        "Each line is the mean over a trial's executions; the band spans minimum to maximum. A red cross "
        "marks an epoch that diverged.",
    ),
    "curves-by-execution": Chart(
        "Learning curves",
        "Metric by epoch, one line per execution",
        "Each line is one execution of the trial: the same configuration trained with another seed or fold. "
        "A red cross marks an epoch that diverged.",
    ),
    "compared-curves": Chart(
        "Learning curves",
        "Metric by epoch, one line per compared trial",
        "Each line is the mean or median over a trial's executions; the band spans minimum to maximum. A "
        "red cross marks an epoch that diverged.",
    ),
    "strategy-regret": Chart(
        "Benchmark",
        "Median regret of the selected sampler, Auto and random search after each number of trials",
        "Each line is the median regret of a sampler by number of trials: 0 is the best configuration of the "
        "benchmark table, lower is better. The band is the interquartile range of the selected sampler.",
    ),
    "compared-best": Chart(
        "Best so far",
        "Best score so far by trial, one line per experiment",
        "Each line is the best score of an experiment's completed trials so far. A longer search had more "
        "chances: compare at the same number of trials.",
    ),
    "compared-distribution": Chart(
        "Score distribution",
        "Cumulative distribution of scores, one line per experiment",
        "Each line is the share of trials that scored at most that value. If higher is better, the lower "
        "line is the better search.",
    ),
    "processor": Chart(
        "CPU",
        "CPU cores in use during training",
        "Average number of CPU cores in use, on the x axis of the curve above. Far below the slot's number "
        "of threads, training waits for data or shares the machine. GPU load is shown below if a GPU was used.",
    ),
    "memory": Chart(
        "Memory",
        "Resident memory during training",
        "Peak memory of the training process and its children, on the x axis of the curve above.",
    ),
    "predicted": Chart(
        "Predicted vs. target",
        "Prediction of each validation row, by target",
        "Each point is a validation row. On the dashed line the prediction equals the target.",
    ),
    "residuals": Chart(
        "Residuals",
        "Prediction error of each validation row, by target",
        "Prediction error by target. A slope or a funnel is a pattern that the model has not learned.",
    ),
    "roc": Chart(
        "ROC",
        "True positive rate vs. false positive rate",
        "True positive rate vs. false positive rate at every threshold. With more than two classes: each "
        "class vs. the rest. The dashed line is chance.",
    ),
    "precision-recall": Chart(
        "Precision–recall",
        "Precision vs. recall",
        "Precision vs. recall at every threshold. More informative than ROC when a class is rare.",
    ),
    "calibration": Chart(
        "Calibration",
        "Observed frequency vs. predicted probability",
        "Rows binned by predicted probability; larger points hold more rows. With two classes it is the "
        "probability of the second class, otherwise of the predicted class. On the dashed line 80 % "
        "predicted means 80 % correct; below it the model is overconfident.",
    ),
}
