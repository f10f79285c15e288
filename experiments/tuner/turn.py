"""One turn: a waiting trial, else a queued configuration, else the sampler's suggestion."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from experiments.models import Experiment, Trial
from experiments.reports.figures import finite
from experiments.reports.sampling.history import load_history
from experiments.reports.sampling.peers import peers_of
from experiments.reports.sampling.sampler_inputs import seen
from experiments.reports.sampling.warm_start import record_of, studies_of, warm_start_of
from experiments.search.history import Value, WarmStart
from experiments.search.models.transfer_portfolio import portfolio
from experiments.search.space.changes import fitting_start
from experiments.search.space.space import Space
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategy import Suggestion
from experiments.search.tuner import Tuner
from experiments.services.experiments.budget import trials_left, trials_spent, verdict
from experiments.services.experiments.ending import (
    apply_open_request,
    conclude,
    exhausted,
    fail_experiment,
)
from experiments.services.experiments.lifecycle import mark_running
from experiments.services.experiments.warm_start import record_portfolio
from experiments.services.site.file_cleanup import keep_by_rule
from experiments.services.trials.leases import Lease
from experiments.services.trials.lifecycle import (
    BudgetSpent,
    LookAgain,
    Proposal,
    SlotsTaken,
    add_and_claim,
    claim_next,
)
from experiments.services.trials.pruning import promote_trial
from experiments.services.trials.queued_configurations import take_queued
from experiments.services.trials.set_aside import counts_for
from experiments.tuner.custom_strategies import (
    end_sessions,
    pruner_of,
    sampler_of,
    traceback_of,
)
from experiments.tuner.findings import look_over
from experiments.tuner.supervision import supervise
from experiments.tuner.winner import name_winner
from experiments.tuner.worker_context import WorkerContext

log = logging.getLogger(__name__)


class Exhausted(Exception):
    """The sampler has nothing left to propose, or its tuner ended the search: then the text says why."""


class StrategyFailed(Exception):
    """The sampler or the pruner raised an error: asking it again would raise it again."""

    def __init__(self, message: str, cause: Exception) -> None:
        """`cause`: what it raised."""
        super().__init__(message)
        self.traceback = traceback_of(cause)


def take_turn(experiment_pk: int, context: WorkerContext) -> None:
    """Run one trial of the experiment and request the next turn; any worker may take any turn."""
    try:
        _take_turn(experiment_pk, context)
    finally:
        end_sessions()


def _take_turn(experiment_pk: int, context: WorkerContext) -> None:
    experiment = Experiment.objects.filter(pk=experiment_pk).first()
    if experiment is None:
        return
    mark_running(experiment)
    nothing_left = ""
    try:
        lease = seize(experiment, worker=context.worker, leaving=context.leaving.is_set)
    except SlotsTaken:
        # The turns that run now request the next one; a pause or stop may still be open.
        apply_open_request(experiment_pk)
        return
    except StrategyFailed as failure:
        fail_experiment(experiment_pk, str(failure), traceback=failure.traceback)
        lease = None
    except (Exhausted, BudgetSpent) as end:
        lease, nothing_left = None, why_ended(experiment, end)
    if lease is not None:
        supervise(lease, context)
    conclude(experiment_pk, nothing_left=nothing_left)
    name_winner(experiment_pk)
    look_over(experiment_pk)
    keep_by_rule(experiment_pk)


def why_ended(experiment: Experiment, end: Exhausted | BudgetSpent) -> str:
    """Why no further trial can begin."""
    if isinstance(end, BudgetSpent):
        return trials_spent(experiment)
    return str(end) or exhausted(experiment)


def seize(
    experiment: Experiment, *, worker: str, leaving: Callable[[], bool] = lambda: False
) -> Lease | None:
    """A trial to run; None when the search is over or the worker leaves.

    Raises: SlotsTaken, BudgetSpent, Exhausted, StrategyFailed.
    """
    while True:
        experiment.refresh_from_db()
        check_strategies(experiment)
        if leaving() or verdict(experiment) is not None:
            return None
        lease = claim_next(experiment.pk, worker=worker)
        if lease is not None:
            return lease
        if take_queued(experiment.pk) is not None:
            continue
        try:
            lease = promote(experiment, worker) or add_another(experiment, worker)
        except LookAgain:
            continue
        return lease


def check_strategies(experiment: Experiment) -> None:
    """Whether this worker has the sampler and the pruner. Raises StrategyFailed."""
    try:
        sampler_of(experiment.sampler, experiment.sampler_options)
        pruner_of(experiment.pruner, experiment.pruner_options)
    except (LookupError, ValueError) as error:
        raise StrategyFailed(str(error), error) from error


def add_another(experiment: Experiment, worker: str) -> Lease:
    """Take a new trial that the sampler proposes; when none is left, a paused one may be promoted."""
    try:
        return add_and_claim(experiment.pk, propose(experiment), worker=worker)
    except (BudgetSpent, Exhausted):
        lease = promote(experiment, worker, closing=True)
        if lease is None:
            raise
        return lease


def promote(experiment: Experiment, worker: str, *, closing: bool = False) -> Lease | None:
    """Take the paused trial that is promoted; None when there is none. Raises SlotsTaken, LookAgain.

    closing: no new trial will be added.
    """
    if not experiment.trials.filter(state=Trial.State.PAUSED).exists():
        return None
    peers = peers_of(experiment)
    peers.refresh()
    try:
        pruner = pruner_of(experiment.pruner, experiment.pruner_options)
        history = peers.history(closing=closing)
        promotion = pruner.promote(history)
        paused = {trial.number for trial in history.trials if trial.state == "paused"}
        if promotion is not None and promotion.number not in paused:
            raise ValueError(f"The pruner promoted trial {promotion.number}, which isn't paused.")
    except Exception as error:  # custom code may raise anything
        log.exception("the pruner of experiment %s failed", experiment.pk)
        raise StrategyFailed(f"The pruner {experiment.pruner} failed: {error}", error) from error
    if promotion is None:
        return None
    return promote_trial(experiment.pk, promotion, worker=worker)


def propose(experiment: Experiment) -> Proposal:
    """Ask the sampler for the next number; the same question gets the same answer anywhere.

    Raises: BudgetSpent, Exhausted, StrategyFailed.
    """
    if not trials_left(experiment):
        raise BudgetSpent
    version = experiment.space_versions.order_by("-number")[0]
    space = Space.from_dict(version.space)
    history = load_history(experiment, version.counted_as)
    number = len(history)
    rng = np.random.default_rng([experiment.seed % 2**64, number])
    try:
        sampler = sampler_of(version.sampler, version.sampler_options)
        history = replace(history, warm=_warm_start(experiment, space, version.counted_as))
        if isinstance(sampler, Tuner) and (over := sampler.is_over(space, history)):
            raise Exhausted(over)
        suggestion = suggest(sampler, space, history, number, rng)
        if suggestion is not None:
            space.check(suggestion.values)
    except Exhausted:
        raise
    except Exception as error:  # custom code may raise anything
        log.exception("the sampler of experiment %s failed", experiment.pk)
        raise StrategyFailed(f"The sampler {version.sampler} failed: {error}", error) from error
    if suggestion is None:
        raise Exhausted
    return Proposal(
        number=number,
        space_version=version.pk,
        values=dict(suggestion.values),
        values_key=space.key(suggestion.values),
        why=suggestion.why,
        kind=suggestion.kind[:12],
        predicted=finite(suggestion.predicted),
        uncertainty=finite(suggestion.uncertainty),
        repeats=_repeated(experiment, suggestion),
        set_aside=counts_for(suggestion.repeats),
        saw=seen(history, experiment.event_serial, suggestion.weights),
    )


def _warm_start(
    experiment: Experiment, space: Space, counted_as: Mapping[str, Value]
) -> WarmStart:
    """Models of the studies take seconds: the first turn chooses the portfolio, no page."""
    record = record_of(experiment)
    if record is not None and record.portfolio is None:
        record_portfolio(experiment, portfolio(space, studies_of(experiment, record)))
        record = record_of(experiment)
    return fitting_start(warm_start_of(experiment, record), space, counted_as)


def _repeated(experiment: Experiment, suggestion: Suggestion) -> int | None:
    """Key of the trial that the suggestion repeats."""
    if suggestion.repeats is None:
        return None
    return experiment.trials.get(number=suggestion.repeats).pk
