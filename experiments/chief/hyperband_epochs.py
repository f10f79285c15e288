"""Successive halving for KerasTuner's Hyperband scripts.

A script trains for `tuner/epochs`. In a race a trial begins with a part of the epochs and ends there;
the best go on with more, from the first epoch, since nobody knows whether scripts share a folder: so
`tuner/trial_id`, by which a script would load an earlier model, is never sent.
"""

from dataclasses import dataclass
from typing import Any, Final

from experiments.models import Execution, Experiment, Trial
from experiments.reports.sampling.peers import peers_of
from experiments.search.history import ObservedTrial, Value
from experiments.search.pruners.hyperband import HyperbandPruner
from experiments.search.strategies.registry import make_pruner
from experiments.search.strategy import Decision, Pruner
from experiments.services.trials.executions import Update, record_epochs
from experiments.services.trials.leases import Lease
from experiments.services.trials.lifecycle import release_trial
from experiments.services.trials.pruning import pause_trial, prune_trial, record_go_on

EPOCHS: Final = "tuner/epochs"
Rungs = dict[int, float | None]  # what the objective was after a try of so many epochs


@dataclass(frozen=True, slots=True)
class Stage:
    """One try of a trial: its epochs, out of `last`. rung: how many lower ones it has passed."""

    epochs: int
    last: int
    rung: int
    bracket: int

    @property
    def is_last(self) -> bool:
        """Whether its end is the end of the trial."""
        return self.epochs >= self.last

    def values(self) -> dict[str, Value]:
        """As a script reads them."""
        return {
            EPOCHS: self.epochs,
            "tuner/initial_epoch": 0,
            "tuner/bracket": self.bracket,
            "tuner/round": self.rung,
        }


def stage_of(experiment: Experiment, trial: Trial) -> Stage | None:
    """How far the trial trains now; None where scripts decide that."""
    last = int(experiment.plan.get("epochs", 0))
    if not last:
        return None
    bracket, rungs = 0, tuple[int, ...]()
    if experiment.pruner != "none":
        pruner = make_pruner(experiment.pruner, experiment.pruner_options)
        bracket, rungs = _own_rungs(pruner, trial.number, last)
    passed = [rung for rung in rungs if rung in passed_rungs(trial)]
    left = [rung for rung in rungs if rung > max(passed, default=0)]
    return Stage(left[0] if left else last, last, len(passed), bracket)


def _own_rungs(pruner: Pruner, number: int, epochs: int) -> tuple[int, tuple[int, ...]]:
    """A trial trains anew at each rung, so it leaves out those that its bracket does not judge at."""
    rungs = pruner.rungs(epochs)
    if not isinstance(pruner, HyperbandPruner):
        return 0, rungs
    seen = ObservedTrial(number, {}, "running")
    bracket = pruner.bracket(seen, len(rungs) + 1)
    return bracket, rungs[bracket:]


def passed_rungs(trial: Trial) -> Rungs:
    """Of earlier tries."""
    kept: dict[str, Any] = trial.source.get("rungs", {})
    return {int(epochs): value for epochs, value in kept.items()}


def restore_curve(lease: Lease, experiment: Experiment, rungs: Rungs) -> None:
    """What earlier tries came to stands in the curve again: others are compared with it. Raises Fenced."""
    if not rungs:
        return
    row = Execution.objects.get(trial=lease.trial, index=0)
    curve = [rungs.get(epoch) for epoch in range(1, max(rungs) + 1)]
    record_epochs(lease, [Update(row.pk, {experiment.objective: curve}, len(curve), row.seconds)])


def record_end(
    lease: Lease, experiment: Experiment, trial: Trial, stage: Stage, score: float | None
) -> None:
    """The end of a race's last try stands in the curve beside those of earlier ones. Raises Fenced."""
    told = Execution.objects.get(trial=lease.trial, index=0).epochs
    if experiment.pruner != "none" and told < stage.epochs:
        restore_curve(lease, experiment, {**passed_rungs(trial), stage.epochs: score})


def judge(lease: Lease, experiment: Experiment, rungs: Rungs) -> None:
    """The end of a try that is not the last one: go on, wait for a promotion, or be cut. Raises Fenced."""
    restore_curve(lease, experiment, rungs)
    pruner = make_pruner(experiment.pruner, experiment.pruner_options)
    peers = peers_of(experiment)
    peers.refresh()
    curve = tuple(rungs.get(epoch) for epoch in range(1, max(rungs) + 1))
    trial = Trial.objects.get(pk=lease.trial)
    seen = peers.observed(trial.number, trial.values, curve)
    decision = pruner.decide(seen, peers.history(own=trial.number))
    _carry_out(lease, decision)


def _carry_out(lease: Lease, decision: Decision) -> None:
    if decision.action == "pause":
        pause_trial(lease, decision)
    elif decision.action == "stop":
        prune_trial(lease, decision)
    else:
        record_go_on(lease, decision)
        release_trial(lease, decision.reason or "it continues with more epochs.")
