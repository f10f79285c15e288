"""The activity log and the event serial that live pages follow."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from experiments.models import Activity, Experiment, Project, Trial


def record(  # noqa: PLR0913 one line of the log has these columns
    verb: str,
    text: str,
    *,
    project: Project | None = None,
    experiment: Experiment | None = None,
    trial: Trial | None = None,
    user: User | None = None,
    detail: dict[str, Any] | None = None,
) -> Activity:
    """Add one line to the log; `text` is the sentence that pages show.

    project: where no experiment is named, which says it too.
    """
    return Activity.objects.create(
        verb=verb,
        text=text[:500],
        project_id=experiment.project_id if experiment else project and project.pk,
        experiment=experiment,
        trial=trial,
        user=user,
        detail=detail or {},
    )


def next_event(experiment_pk: int) -> int:
    """Raise the experiment's event serial and return it; call it first in a transaction.

    The UPDATE locks the experiment's row. Every transaction that touches an experiment and its
    trials takes the experiment first and the trial second, so that no two of them can deadlock.
    """
    Experiment.objects.filter(pk=experiment_pk).update(
        event_serial=F("event_serial") + 1, updated=Now()
    )
    return Experiment.objects.values_list("event_serial", flat=True).get(pk=experiment_pk)
