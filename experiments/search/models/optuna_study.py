"""A history as an in-memory Optuna study, built anew for each suggestion.

Importing Optuna takes seconds: samplers import this file when they are first asked.
"""

import warnings
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import optuna

from experiments.search.history import Value, Values
from experiments.search.models.observations import Observations
from experiments.search.space.axes import Axis

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)

BEST: Final = 25  # as many as Optuna's TPE ever takes for good ones
ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # Optuna wants times; nothing reads them


class Shared(optuna.trial.FrozenTrial):
    """A trial that storages may keep as it is: nothing changes it, and copies take most of the time."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Shared":
        return self


def make_study(
    axes: dict[str, Axis], past: Observations, sampler: optuna.samplers.BaseSampler, *, most: int
) -> optuna.Study:
    """Return an Optuna study to minimize: ended trials by the rank of their loss, pending ones
    running.

    most: number of ended trials included: the best ones, then the latest.
    """
    study = optuna.create_study(sampler=sampler)
    distributions = {name: _distribution(axis) for name, axis in axes.items()}
    ranks = np.unique(past.loss, return_inverse=True)[1]
    states = optuna.trial.TrialState
    rows: list[tuple[Values, Any, float | None]] = [
        (past.values[place], states.COMPLETE, float(ranks[place])) for place in _chosen(past, most)
    ]
    rows += [(values, states.RUNNING, None) for values in past.pending]
    for number, (values, state, value) in enumerate(rows):
        known = {name: axes[name].read(v) for name, v in values.items() if name in axes}
        study.add_trial(
            Shared(
                number=number,
                trial_id=number,
                state=state,
                value=value,
                datetime_start=ONCE,
                datetime_complete=None if value is None else ONCE,
                params=known,
                distributions={name: distributions[name] for name in known},
                user_attrs={},
                system_attrs={},
                intermediate_values={},
            )
        )
    return study


def _chosen(past: Observations, most: int) -> list[int]:
    """Places of the ended trials that Optuna gets, in order."""
    count = len(past)
    if count <= most:
        return list(range(count))
    best = set(np.argsort(past.loss, kind="stable")[:BEST].tolist())
    latest = [place for place in reversed(range(count)) if place not in best]
    return sorted([*best, *latest[: most - len(best)]])


def ask_for(trial: optuna.Trial, axes: dict[str, Axis], name: str) -> Value:
    """What Optuna suggests for one hyperparameter."""
    axis = axes[name]
    if axis.kind == "category":
        return axis.value(trial.suggest_categorical(axis.name, range(axis.count)))
    if axis.kind == "index":
        return axis.value(trial.suggest_int(axis.name, 0, axis.count - 1))
    return axis.value(trial.suggest_float(axis.name, 0.0, 1.0))


def _distribution(axis: Axis) -> optuna.distributions.BaseDistribution:
    if axis.kind == "category":
        return optuna.distributions.CategoricalDistribution(range(axis.count))
    if axis.kind == "index":
        return optuna.distributions.IntDistribution(0, axis.count - 1)
    return optuna.distributions.FloatDistribution(0.0, 1.0)
