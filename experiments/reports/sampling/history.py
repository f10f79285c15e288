"""What samplers may see of an experiment. Room: reports; imports models and the kernel."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from experiments.models import Execution, Experiment, Trial
from experiments.search.history import (
    Direction,
    History,
    Objective,
    ObservedTrial,
    TrialState,
    Value,
)
from experiments.search.space.changes import counted
from experiments.search.strategies.reevaluation import usual

State = Trial.State
Curve = tuple[float | None, ...]
# Trials of which a curve is all there is. A running one's curve grows while the sampler thinks.
SCORES_OF = (State.COMPLETED, State.PRUNED)
CURVES_OF = (State.PAUSED, State.PRUNED, State.STOPPED)


def load_history(experiment: Experiment, counted_as: Mapping[str, Value]) -> History:
    """Every trial so far, in order of number; three queries, whatever the number of trials.

    counted_as: of the space version of the next suggestion, for trials from before it.
    Curves only of trials that are paused or ended early, and of completed ones where others pause;
    executions of completed and of pruned ones.
    """
    further = experiment.further
    columns = ("pk", "number", "values", "state", "score", "origin", "set_aside", "repeats")
    fields = (*columns, "metrics") if further else columns
    rows = list(experiment.trials.order_by("number").values_list(*fields))
    states = {row[3] for row in rows}
    shown = with_curves(states)
    curves = curves_of(experiment, shown) if states & {*shown} else {}
    scores = scores_of(experiment)
    numbers = {row[0]: row[1] for row in rows}
    trials = tuple(
        ObservedTrial(
            number=number,
            values=counted(values, counted_as),
            state=cast(TrialState, state),
            score=score,
            curve=curves.get(pk, ()) if state in shown else (),
            executions=scores.get(pk, ()) if state in SCORES_OF else (),
            by_hand=origin in Trial.PUT_IN,
            more=more_of(further, *metrics) if state == State.COMPLETED else (),
            repeats=numbers.get(repeated),
        )
        for pk, number, values, state, score, origin, _, repeated, *metrics in rows
    )
    aside = {row[1] for row in rows if row[6]}
    trials = tuple(_passed_over(t) if t.number in aside else t for t in trials)
    direction = cast(Direction, experiment.direction)
    return History(
        trials=trials,
        direction=direction,
        seed=experiment.seed,
        planned=experiment.max_trials,
        slots=experiment.parallel,
        confirm=_confirm_of(experiment),
        if_noisy=experiment.plan.get("confirm", 0) is None,
        more_objectives=further,
    )


def _passed_over(trial: ObservedTrial) -> ObservedTrial:
    """A trial that people set aside: it keeps its number, is not proposed again, and teaches nothing.

    A repeat is marked so too, since it is no trial of its own; what it scored counts for the other.
    """
    if trial.repeats is not None:
        return trial
    return replace(trial, state="stopped", score=None, curve=(), executions=(), more=())


def _confirm_of(experiment: Experiment) -> int:
    """How many of the last trials re-evaluate top trials; none in older plans."""
    planned = experiment.plan.get("confirm", 0)
    if planned is not None:
        return int(planned)
    executions = experiment.protocol.executions
    objectives = 1 + len(experiment.further)
    return usual(
        experiment.max_trials,
        sampler=experiment.sampler,
        executions=executions,
        objectives=objectives,
    )


def more_of(
    objectives: Sequence[Objective], metrics: Mapping[str, float | None] | None = None
) -> tuple[float | None, ...]:
    """A trial's values of the further objectives, out of its metrics."""
    return tuple((metrics or {}).get(each.name) for each in objectives)


def with_curves(states: Container[str]) -> tuple[str, ...]:
    """The states in which a trial's curve is shown: whole trainings say what the rungs are worth."""
    return (*CURVES_OF, State.COMPLETED) if State.PAUSED in states else CURVES_OF


def curves_of(experiment: Experiment, states: Sequence[str]) -> dict[int, Curve]:
    """The objective after each epoch of the first execution, of trials in these states."""
    found = first_executions(experiment).filter(trial__state__in=states)
    rows = found.values_list("trial", curve_column(experiment))
    return {pk: read_curve(values) for pk, values in rows}


def scores_of(experiment: Experiment) -> dict[int, tuple[float, ...]]:
    """Scores of the executions of completed and pruned trials, where there are several a trial."""
    if not has_several(experiment):
        return {}
    rows = Execution.objects.filter(trial__experiment=experiment, trial__state__in=SCORES_OF)
    return _scores(rows)


def scores_of_trials(
    experiment: Experiment, trials: Sequence[int]
) -> dict[int, tuple[float, ...]]:
    """Scores of the completed executions of these trials, where there are several a trial."""
    if not has_several(experiment) or not trials:
        return {}
    found: dict[int, tuple[float, ...]] = {}
    for start in range(0, len(trials), 500):
        found |= _scores(Execution.objects.filter(trial__in=trials[start : start + 500]))
    return found


def has_several(experiment: Experiment) -> bool:
    """Whether a trial has more than one execution."""
    return experiment.protocol.executions > 1


def _scores(rows: QuerySet[Execution, Any]) -> dict[int, tuple[float, ...]]:
    found: dict[int, tuple[float, ...]] = {}
    scored = rows.filter(score__isnull=False).order_by("trial", "index")
    for pk, score in scored.values_list("trial", "score"):
        found[pk] = (*found.get(pk, ()), cast(float, score))
    return found


def first_executions(experiment: Experiment) -> QuerySet[Execution, Any]:
    """The executions whose curves are compared."""
    return Execution.objects.filter(trial__experiment=experiment, index=0)


def curve_column(experiment: Experiment) -> KeyTransform:
    """The objective's curve, taken out of the history by the database."""
    return KeyTransform(experiment.objective, "history")


def read_curve(values: object) -> Curve:
    """A curve as it is stored; empty before the first epoch."""
    return tuple(values) if isinstance(values, list) else ()
