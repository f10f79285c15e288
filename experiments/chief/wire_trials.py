"""Converts trials to KerasTuner's messages."""

import math
import re
from collections.abc import Sequence
from typing import Final

from experiments.interop.keras_tuner.message_conversion import WireTrial
from experiments.interop.keras_tuner.observations import tracked
from experiments.interop.keras_tuner.space_entries import active_entries, active_values
from experiments.models import Attempt, Experiment, Trial
from experiments.search.history import Value
from experiments.services.external.keras_tuner_space import entries_of, names_there
from experiments.services.external.searches import newest_space

KEY: Final = re.compile(r"[0-9]{1,39}")  # 128 bits
State = Trial.State
STATUSES: Final = {State.COMPLETED: "COMPLETED", State.FAILED: "FAILED"}
STOPPED: Final = WireTrial(trial_id="stopped", status="STOPPED")
IDLE: Final = WireTrial(trial_id="idle", status="IDLE")


def trial_id(number: int, key: str) -> str:
    """A name for a worker's folder `trial_…`: its number for people, and a key that nobody can guess.

    In decimal digits, since KerasTuner 1.2 and 1.3 read the whole of it as a number (Python's int takes
    digits on both sides of a _) and end with an error where they can't.
    """
    return f"{number:04d}_{int(key, 16)}"


def key_of(name: str) -> str:
    """The key in a trial's id; empty where it has none."""
    digits = name.rpartition("_")[2]
    if not KEY.fullmatch(digits):
        return ""
    return f"{int(digits):032x}"


def wire_trial(trial: Trial, experiment: Experiment, key: str) -> WireTrial:
    """The trial with its active entries alone: of others a worker would keep the defaults."""
    _, space = newest_space(experiment)
    values = values_there(trial, experiment)
    entries = entries_of(experiment, space)
    kept = active_values(entries, values)
    is_scored = trial.score is not None and math.isfinite(trial.score)
    return WireTrial(
        trial_id=trial_id(trial.number, key),
        status=STATUSES.get(State(trial.state), "RUNNING"),
        entries=active_entries(entries, kept),
        values=kept,
        metrics=tracked(trial.source.get("metrics", {})),
        score=trial.score if is_scored else None,
        best_step=trial.source.get("best_step", 0) if is_scored else None,
    )


def values_there(trial: Trial, experiment: Experiment) -> dict[str, Value]:
    """Its values by the script's own names, with those that the script found on its own."""
    names = names_there(experiment)
    known = {**trial.source.get("values", {}), **trial.source.get("added", {})}
    found = {**known, **trial.values}
    values: dict[str, Value] = {names.get(name, name): value for name, value in found.items()}
    return {**trial.source.get("extra", {}), **values}


def best_trials(experiment: Experiment, count: int) -> Sequence[WireTrial]:
    """The best completed trials, the best first."""
    sign = "-" if experiment.direction == "maximize" else ""
    trials = list(
        experiment.trials.filter(Trial.SCORED).order_by(f"{sign}score", "number")[: max(0, count)]
    )
    completed = Attempt.objects.filter(
        trial__in=trials, outcome=Attempt.Outcome.COMPLETED
    ).order_by("number")
    keys = dict(completed.values_list("trial", "token"))
    return [
        wire_trial(trial, experiment, keys[trial.pk].hex) for trial in trials if trial.pk in keys
    ]
