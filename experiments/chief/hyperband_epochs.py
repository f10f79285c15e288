"""Successive halving for KerasTuner's Hyperband scripts.

A script trains for `tuner/epochs`: at first for a part of them; the best trials continue with more, from
the first epoch, since scripts may not share a folder: `tuner/trial_id`, by which a script would load an
earlier model, is never sent.
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
Rungs = dict[int, float | None]  # score after a try of so many epochs


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
    """A trial trains from its first epoch at each rung, so it skips those that its bracket doesn't use."""
    rungs = pruner.rungs(epochs)
    if not isinstance(pruner, HyperbandPruner):
        return 0, rungs
    seen = ObservedTrial(number, {}, "running")
    bracket = pruner.bracket(seen, len(rungs) + 1)
    return bracket, rungs[bracket:]


def passed_rungs(trial: Trial) -> Rungs:
    """Rungs of earlier tries."""
    kept: dict[str, Any] = trial.source.get("rungs", {})
    return {int(epochs): value for epochs, value in kept.items()}


def restore_curve(lease: Lease, experiment: Experiment, rungs: Rungs) -> None:
    """Put the scores of earlier tries back into the curve: others are compared with it. Raises Fenced."""
    if not rungs:
        return
    row = Execution.objects.get(trial=lease.trial, index=0)
    curve = [rungs.get(epoch) for epoch in range(1, max(rungs) + 1)]
    record_epochs(lease, [Update(row.pk, {experiment.objective: curve}, len(curve), row.seconds)])


def record_end(
    lease: Lease, experiment: Experiment, trial: Trial, stage: Stage, score: float | None
) -> None:
    """Put the score of the last try into the curve, beside the earlier ones. Raises Fenced."""
    recorded = Execution.objects.get(trial=lease.trial, index=0).epochs
    if experiment.pruner != "none" and recorded < stage.epochs:
        restore_curve(lease, experiment, {**passed_rungs(trial), stage.epochs: score})


def judge(lease: Lease, experiment: Experiment, rungs: Rungs) -> None:
    """End a try that isn't the last: continue, pause at the rung, or prune. Raises Fenced."""
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
