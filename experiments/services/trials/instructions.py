"""Instructions to a running trial: continue, pause, or stop."""

from dataclasses import dataclass
from typing import Literal

from experiments.models import Experiment, Trial
from experiments.search.strategy import Decision
from experiments.services.experiments import budget, limits
from experiments.services.trials.leases import Fenced, Lease


@dataclass(frozen=True, slots=True)
class Instruction:
    """End at the next epoch; `words` go into the trial's record.

    decision: the pruner's, where it is the reason: its pause leaves the trial at a rung.
    """

    reason: Literal["pause", "stop", "target", "prune"]
    words: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class InstructionState:
    """The current instruction, None to continue; and what is left of the budget, None without a
    limit.

    seconds_left: of the time budget. epochs_left: this trial's share of the remaining epochs.
    """

    instruction: Instruction | None
    seconds_left: float | None
    epochs_left: float | None = None


def read_instruction(lease: Lease) -> InstructionState:
    """The current instruction. Raises Fenced when the trial is no longer this lease's."""
    trial = Trial.objects.select_related("experiment__best_trial").get(pk=lease.trial)
    if trial.token != lease.token or trial.state != Trial.State.RUNNING:
        raise Fenced(lease.trial)
    experiment = trial.experiment
    return InstructionState(
        _instruction(trial), budget.seconds_left(experiment), _epochs_left(experiment)
    )


def _epochs_left(experiment: Experiment) -> float | None:
    left = limits.epochs_left(experiment)
    if left is None:
        return None
    running = experiment.trials.filter(state=Trial.State.RUNNING).count()
    return left / max(1, running)


def _instruction(trial: Trial) -> Instruction | None:
    if trial.stop_wanted:
        return Instruction("stop", "it was stopped manually.")
    state = trial.experiment.state
    if state in (Experiment.State.PAUSING, Experiment.State.PAUSED):
        return Instruction("pause", "the experiment was paused.")
    if state not in Experiment.TURNING:
        return Instruction("stop", "the experiment was stopped.")
    if trial.origin == Trial.JOINED:
        return None  # it began by itself, whatever the budget says
    return _budget_instruction(trial.experiment)


def _budget_instruction(experiment: Experiment) -> Instruction | None:
    cut = budget.cut(experiment)
    if cut is None:
        return None
    return Instruction("target" if cut.by_target else "stop", cut.reason)
