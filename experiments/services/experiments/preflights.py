"""Writes of preflight checks, and the start that follows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from experiments import queues, storage
from experiments.models import DatasetVersion, Experiment, Preflight, Project
from experiments.plan import ExperimentPlan
from experiments.services.datasets.splits import split_of
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.drafts import discard_draft
from experiments.services.experiments.lifecycle import create_experiment

JOB = "experiments.jobs.run_preflight"
LONGEST = timedelta(hours=1)  # from the request: it may have waited for a worker
PATIENCE = timedelta(days=1)
State = Preflight.State
_OVER = (State.PASSED, State.BLOCKED, State.FAILED)


def request_preflight(
    project: Project,
    plan: ExperimentPlan,
    *,
    by: User,
    token: UUID,
    starts: bool,
    cloned_from: UUID | None = None,
) -> Preflight:
    """Split the rows and request a trial worker for the plan. Raises: ProtocolError."""
    version = DatasetVersion.objects.get(pk=plan.dataset_version)
    storage.save_split(split_of(version, plan.protocol, plan.seed))
    preflight = Preflight.objects.create(
        project=project,
        user=by,
        token=token,
        cloned_from=cloned_from,
        plan=plan.to_dict(),
        starts=starts,
    )
    queues.enqueue_preflight(JOB, preflight.pk)
    return preflight


def take_preflight(preflight_pk: int, planned: int) -> bool:
    """Waiting → running, once; False: another worker has it, or nobody waits for it any more."""
    waiting = Preflight.objects.filter(pk=preflight_pk, state=State.WAITING)
    return bool(waiting.update(state=State.RUNNING, planned=planned))


def tell_preflight(preflight_pk: int, done: int) -> bool:
    """Report how many configurations were tried; False: nobody waits for it any more."""
    running = Preflight.objects.filter(pk=preflight_pk, state=State.RUNNING)
    return bool(running.update(done=done))


def end_preflight(
    preflight_pk: int, state: State, *, message: str = "", result: dict[str, Any] | None = None
) -> bool:
    """End it with its result; False: it was over already."""
    open_one = Preflight.objects.filter(pk=preflight_pk).exclude(state__in=_OVER)
    return bool(open_one.update(state=state, message=message, result=result or {}, ended=Now()))


def fail_start(preflight_pk: int, message: str) -> None:
    """Say why the search of a preflight that passed did not start."""
    Preflight.objects.filter(pk=preflight_pk).update(state=State.FAILED, message=message)


def skip_preflight(preflight: Preflight) -> None:
    """Somebody starts without it: a worker that takes it later leaves it."""
    end_preflight(preflight.pk, State.SKIPPED)


def end_lost_preflights() -> int:
    """End those whose worker went away, and those that nobody took for a day; return how many."""
    now = timezone.now()
    running = Preflight.objects.filter(state=State.RUNNING, created__lt=now - LONGEST)
    waiting = Preflight.objects.filter(state=State.WAITING, created__lt=now - PATIENCE)
    lost = "The worker of the preflight check stopped. Check again."
    ended = running.update(state=State.FAILED, message=lost, ended=Now())
    return ended + waiting.update(
        state=State.FAILED, message="No worker ran it within one day.", ended=Now()
    )


def start_checked(preflight: Preflight, plan: ExperimentPlan) -> Experiment:
    """Create and start the experiment of a preflight, once. Raises what these two raise."""
    source = None
    if preflight.cloned_from:
        source = Experiment.objects.filter(
            code=preflight.cloned_from, project=preflight.project
        ).first()
    try:
        with transaction.atomic():  # one that can't start isn't left behind as a draft
            experiment = create_experiment(
                preflight.project,
                plan,
                by=preflight.user,
                cloned_from=source,
                code=preflight.token,
            )
            start_search(experiment, by=preflight.user)
    except IntegrityError:
        return Experiment.objects.get(code=preflight.token, project=preflight.project)
    if preflight.user is not None:
        discard_draft(preflight.project, preflight.user)
    return experiment
