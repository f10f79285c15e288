"""The KerasTuner scripts that run an experiment's trials, as its page shows them. Room: reports."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.utils import timezone

from experiments.models import Experiment, Script, Trial

LATELY: Final = timedelta(seconds=40)  # a script that waits is heard every second
Doing = Literal["trains", "waits", "silent"]


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """One script. trial: the number of the trial that it holds; until: when that is taken from it."""

    name: str
    host: str
    seen: datetime
    doing: Doing
    trial: int | None = None
    until: datetime | None = None


def script_rows(experiment: Experiment) -> tuple[ScriptRow, ...]:
    """Every script that ever called, those heard last first; two queries."""
    held = {
        trial.worker: trial
        for trial in experiment.trials.filter(state=Trial.State.RUNNING).only(
            "worker", "number", "lease_until"
        )
    }
    border = timezone.now() - LATELY
    return tuple(
        _row(script, held.get(script.name), border)
        for script in experiment.scripts.order_by("-seen", "name")[:200]
    )


def _row(script: Script, trial: Trial | None, border: datetime) -> ScriptRow:
    if trial is not None:
        return ScriptRow(
            script.name, script.host, script.seen, "trains", trial.number, trial.lease_until
        )
    doing: Doing = "waits" if script.waits and script.seen > border else "silent"
    return ScriptRow(script.name, script.host, script.seen, doing)
