"""The KerasTuner scripts that run an experiment's trials, as its page shows them. Room: reports."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from django.utils import timezone

from experiments.models import Experiment, Script, Trial

LATELY: Final = timedelta(seconds=40)  # a script that waits calls every second
Doing = Literal["trains", "waits", "unresponsive"]


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """One script, and the trial that it has, which it loses when the trial's lease ends."""

    script: Script
    doing: Doing
    trial: Trial | None


def script_rows(experiment: Experiment) -> tuple[ScriptRow, ...]:
    """Every script that ever called, the latest calls first; two queries."""
    running = experiment.trials.filter(state=Trial.State.RUNNING)
    trials = {each.worker: each for each in running.only("worker", "number", "lease_until")}
    border = timezone.now() - LATELY

    def row(script: Script) -> ScriptRow:
        trial = trials.get(script.name)
        waits = script.waits and script.seen > border
        return ScriptRow(
            script, "trains" if trial else "waits" if waits else "unresponsive", trial
        )

    return tuple(map(row, experiment.scripts.order_by("-seen", "name")[:200]))
