"""The end of a turn: the next one, or the end of the search."""

from django.db import transaction

from experiments.models import Experiment, Trial
from experiments.search.space.space import Space
from experiments.services.experiments import budget
from experiments.services.experiments.lifecycle import mark_running
from experiments.services.experiments.states import (
    apply_request,
    end_search,
    lock_experiment,
    request_turns,
)
from experiments.services.trials.queued_configurations import may_take


def conclude(experiment_pk: int, *, nothing_left: str = "") -> None:
    """Ask for the next turn while the budget lasts; else end the search once nothing runs.

    nothing_left: why no further trial can begin, also none of those that are paused. What people
    have queued since is a trial that can; so is one that another turn has added and not yet claimed.
    """
    with transaction.atomic():
        apply_request(experiment_pk)
        experiment = lock_experiment(experiment_pk)
        if experiment.state not in Experiment.TURNING:
            return
        ending = budget.verdict(experiment)
        waits = experiment.trials.filter(state=Trial.State.WAITING).exists() or may_take(
            experiment
        )
        if ending is None and nothing_left and not waits:
            ending = budget.Verdict(Experiment.State.COMPLETED, nothing_left)
        if ending is None:
            request_turns(experiment_pk, _turns(experiment))
        elif not experiment.trials.filter(state=Trial.State.RUNNING).exists():
            # A queued search may be over before it ran: it passes through running.
            mark_running(experiment)
            end_search(experiment, ending.state, ending.reason)


def exhausted(experiment: Experiment) -> str:
    """Say that the sampler has nothing left, and of how many configurations, where that is known."""
    tried = experiment.trials.values("values_key").distinct().count()
    version = experiment.space_versions.order_by("-number")[0]
    size = Space.from_dict(version.space).size()
    if size is not None and tried >= size:
        return f"Search space exhausted: all {size:,} configurations were tried."
    return f"Search space exhausted: all {tried:,} points of the sampler were tried."


def _turns(experiment: Experiment) -> int:
    """One for the trial that ended; where trials are paused it may have sent several of them on.

    Where epochs are counted, turns were given up while the running trials seemed to need them all.
    """
    if (
        experiment.budget.max_epochs is None
        and not experiment.trials.filter(state=Trial.State.PAUSED).exists()
    ):
        return 1
    running = experiment.trials.filter(state=Trial.State.RUNNING).count()
    return max(1, experiment.parallel - running)


def apply_open_request(experiment_pk: int) -> None:
    """Pausing → paused, stopping → stopped, when nothing of the experiment runs."""
    with transaction.atomic():
        apply_request(experiment_pk)


def fail_experiment(experiment_pk: int, reason: str, *, traceback: str = "") -> None:
    """The search itself can't go on, for example because its sampler raised an error."""
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        mark_running(experiment)
        if end_search(experiment, Experiment.State.FAILED, reason):
            Experiment.objects.filter(pk=experiment_pk).update(state_traceback=traceback)
