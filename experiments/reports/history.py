"""What samplers and pruners may see of an experiment. Room: reports; imports models and the kernel."""

from typing import cast

from experiments.models import Execution, Experiment
from experiments.search.history import Direction, History, ObservedTrial, TrialState, Values


def load_history(experiment: Experiment, *, with_curves: bool = False) -> History:
    """Every trial so far, in order of number; two queries, whatever the number of trials.

    with_curves: also the objective after each epoch, of each trial's first execution.
    """
    curves = _curves(experiment) if with_curves else {}
    rows = experiment.trials.order_by("number").values_list(
        "pk", "number", "values", "state", "score"
    )
    trials = tuple(
        ObservedTrial(
            number=number,
            values=cast(Values, values),
            state=cast(TrialState, state),
            score=score,
            curve=curves.get(pk, ()),
        )
        for pk, number, values, state, score in rows
    )
    direction = cast(Direction, experiment.direction)
    return History(trials=trials, direction=direction, seed=experiment.seed)


def _curves(experiment: Experiment) -> dict[int, tuple[float | None, ...]]:
    rows = Execution.objects.filter(trial__experiment=experiment, index=0).values_list(
        "trial", "history"
    )
    return {trial: tuple(history.get(experiment.objective, ())) for trial, history in rows}
