"""Writes to what a pasted script printed once its search was done."""

from typing import Any

from experiments import queues
from experiments.models import Experiment, Purpose

JOB = "experiments.jobs.run_script"
WAITING, DONE = "waiting", "done"


def script_of(experiment: Experiment) -> dict[str, Any]:
    """What its code, where that is a whole script, says beside its space; else empty."""
    version = experiment.hypermodel_version
    layers = version.layers if version is not None else []
    first = layers[0] if layers and isinstance(layers[0], dict) else {}
    return dict(first.get("script") or {})


def ask_for_output(experiment: Experiment) -> None:
    """Run the experiment's script to its end, soon; nothing where its model is no script."""
    if experiment.purpose != Purpose.SEARCH or not script_of(experiment):
        return
    Experiment.objects.filter(pk=experiment.pk).update(script_output={"state": WAITING})
    queues.enqueue_short(JOB, experiment.pk)


def record_output(experiment_pk: int, found: dict[str, Any]) -> None:
    """Keep what it printed, and what stopped it."""
    Experiment.objects.filter(pk=experiment_pk).update(script_output={"state": DONE, **found})
