"""The objective of external searches whose scripts don't name it.

KerasTuner sends every metric and neither objective nor direction. Until people have chosen, trials are
ranked by the most likely one, and the search is paused; choosing scores anew what has ended.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments.external_plan import chosen_objective
from experiments.interop.imported_search import finite
from experiments.interop.keras_tuner.directions import direction_by_name
from experiments.interop.keras_tuner.observations import best
from experiments.models import Execution, Experiment, Trial
from experiments.search.history import Direction
from experiments.services.experiments.lifecycle import pause_experiment, resume_experiment
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.site import activity

# KerasTuner's own sums: what a script with several objectives, or with none named, minimizes.
PLAIN: Final = ("multi_objective", "default_objective")
State = Experiment.State


def names_to_choose_from(experiment: Experiment) -> tuple[str, ...]:
    """Metrics that scripts reported while nobody had chosen; empty where nothing is to be chosen."""
    return tuple(experiment.source.get("objective_names", ()))


def settle_or_ask(experiment_pk: int, names: Sequence[str]) -> Experiment:
    """Before a trial is scored by metrics of these names: choose the one that ranks, or request it."""
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        is_open = experiment.plan.get("objective") == ""
        has_scores = experiment.trials.filter(Trial.SCORED).exists()
        is_wrong = experiment.objective not in names and not has_scores
        if not names or not (is_open or is_wrong):
            return experiment
        only = names[0] if len(names) == 1 else ""
        plain = next((name for name in PLAIN if name in names), only)
        direction = direction_by_name(plain)
        if direction:
            _set(experiment, plain, direction)
            words = f"The objective is {plain}: scripts report no other metric"
            activity.record("experiment.objective_told", words, experiment=experiment)
            return experiment
        likely, likely_direction = chosen_objective(list(names))
        _set(experiment, likely, direction_by_name(likely) or likely_direction, names=names)
        words = f"Objective needed: a script reported {', '.join(names)}"
        activity.record("experiment.objective_asked", words, experiment=experiment)
        if experiment.state in Experiment.TURNING:
            pause_experiment(experiment, by=None)
    return experiment


def choose_objective(
    experiment: Experiment, name: str, direction: Direction, *, by: User
) -> Experiment:
    """Set the objective: score all trials by it and continue the search. Raises: NotAllowed."""
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        if name not in names_to_choose_from(current):
            raise NotAllowed(f"No script reported the metric {name}. Choose a reported metric.")
        _set(current, name, direction)
        _score_anew(current)
        words = f"Chose the objective {name} ({direction})"
        activity.record("experiment.objective_chosen", words, experiment=current, user=by)
        if current.state in (State.PAUSED, State.PAUSING):
            resume_experiment(current, by=by)
    experiment.refresh_from_db()
    return experiment


def _set(
    experiment: Experiment, name: str, direction: Direction, names: Sequence[str] = ()
) -> None:
    source = {key: each for key, each in experiment.source.items() if key != "objective_names"}
    columns: dict[str, Any] = {"objective": name[:60], "direction": direction}
    Experiment.objects.filter(pk=experiment.pk).update(
        plan={**experiment.plan, **columns},
        source={**source, **({"objective_names": list(names)} if names else {})},
        **columns,
    )
    experiment.refresh_from_db()


def _score_anew(experiment: Experiment) -> None:
    event = activity.next_event(experiment.pk)
    direction: Direction = "maximize" if experiment.direction == "maximize" else "minimize"
    for trial in experiment.trials.filter(state=Trial.State.COMPLETED):
        found = best(trial.source.get("metrics", {}), experiment.objective, direction)
        score = None if found is None else finite(found.metrics.get(experiment.objective))
        if found is None or score is None:
            Trial.objects.filter(pk=trial.pk).update(
                set_aside=f"It didn't report {experiment.objective}.", event_serial=event
            )
            continue
        metrics = {name: finite(value) for name, value in found.metrics.items()}
        source = {**trial.source, "best_step": found.step}
        Trial.objects.filter(pk=trial.pk).update(
            score=score, metrics=metrics, source=source, event_serial=event
        )
        Execution.objects.filter(trial=trial).update(
            score=score, metrics=metrics, best_epoch=found.step + 1
        )
    sign = "-" if experiment.direction == "maximize" else ""
    best_trial = experiment.trials.filter(Trial.SCORED).order_by(f"{sign}score", "number").first()
    Experiment.objects.filter(pk=experiment.pk).update(
        best_trial=best_trial, recommended_trial=None, winner={}
    )
    experiment.refresh_from_db()
