"""Pauses of searches whose data aren't what their digest says, and how those go on."""

from django.db import transaction

from experiments import storage
from experiments.changed_files import in_words
from experiments.digests import ChangedFile
from experiments.models import Experiment
from experiments.services.experiments.lifecycle import changed_data, resume_experiment
from experiments.services.experiments.states import (
    NotAllowed,
    apply_request,
    lock_experiment,
    move,
)
from experiments.services.site import activity
from experiments.services.trials.leases import Lease
from experiments.services.trials.lifecycle import release_trial

State = Experiment.State
GOES_ON = "The search continues by itself once the file is whole."


def pause_for_data(lease: Lease, changed: ChangedFile) -> None:
    """Pause the search at once; the trial waits, and no attempt counts against it. Raises Fenced."""
    words = in_words(changed)
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        path = storage.relative(changed.path)
        if experiment.state in Experiment.TURNING and move(
            experiment, State.PAUSING, reason=f"{words} {GOES_ON}", changed_file=path
        ):
            activity.record(
                "experiment.data_changed",
                f"Paused by the site. {words}",
                experiment=experiment,
                detail={"file": path, "expected": changed.expected, "found": changed.found},
            )
        release_trial(lease, "its data have changed.")
        apply_request(experiment.pk)


def continue_restored() -> list[int]:
    """Resume searches that the site paused and whose data are whole again; return their keys."""
    restored = []
    for experiment in Experiment.objects.filter(state=State.PAUSED).exclude(changed_file=""):
        if changed_data(experiment):
            continue
        try:
            resume_experiment(experiment, by=None)
        except NotAllowed:  # somebody stopped it meanwhile
            continue
        restored.append(experiment.pk)
    return restored
