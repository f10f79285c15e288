"""Reports: how far each trial's validation metric lies from its training metric. Imports models."""

from typing import Any

from experiments.models import Experiment, Trial
from experiments.reports.figures import finite

HELD_OUT = "val_"


def generalization_report(experiment: Experiment) -> dict[str, Any]:
    """Both metrics of completed trials as columns, each the mean at its executions' scored epochs.

    validation: the objective where it has a training metric, else the loss; "" where nothing was recorded.
    One query.
    """
    counted = experiment.trials.filter(state=Trial.State.COMPLETED, set_aside="")
    rows = list(counted.order_by("number").values_list("number", "metrics"))
    for name in dict.fromkeys((experiment.objective, "val_loss")):
        metric = name.removeprefix(HELD_OUT)
        pairs = [(n, finite(found.get(metric)), finite(found.get(name))) for n, found in rows]
        known = [pair for pair in pairs if None not in pair]
        if known and metric != name:
            own = name == experiment.objective
            return {
                "training": metric,
                "validation": name,
                "direction": experiment.direction if own else "minimize",
                "number": [number for number, _, _ in known],
                "x": [trained for _, trained, _ in known],
                "y": [held_out for _, _, held_out in known],
            }
    return {"training": "", "validation": "", "direction": "", "number": [], "x": [], "y": []}
