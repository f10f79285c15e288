"""Training settings of every execution.

Arguments bear Keras's own names.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

from experiments.evaluation.metrics import direction_of, objectives
from experiments.search.declarations import EPOCHS, Part, part, read_part, value
from experiments.search.problems import Problem
from experiments.search.reading import Reader
from experiments.training.messages import (
    EarlyStoppingOrder,
    Method,
    OnNan,
    ReduceLROnPlateauOrder,
)
from experiments.training.schedule import FEWEST_OF_ONE_CYCLE, LARGEST, MOST_EPOCHS, Schedule

Mode = Literal["auto", "min", "max"]
MODES: Final = {"auto": "auto", "min": "min (lower is better)", "max": "max (higher is better)"}
LONGEST_METRIC: Final = 60
OBJECTIVE: Final = "the objective"  # what an empty monitor stands for


@dataclass(frozen=True, slots=True)
class ReduceLROnPlateau:
    """Keras's callback of this name. `monitor` empty: the objective; mode auto: the monitor's."""

    monitor: str = value(
        "",
        label="LR monitor",
        help="Metric whose plateau lowers the rate.",
        longest=LONGEST_METRIC,
        unset=OBJECTIVE,
        field="rate_monitor",
    )
    mode: Mode = value(
        "auto",
        label="LR mode",
        help="Whether lower or higher values of the monitor are better.",
        choices=MODES,
        field="rate_mode",
    )
    factor: float = value(
        0.1,
        label="LR factor",
        help="The rate is multiplied by this factor.",
        lowest=1e-6,
        highest=0.999,
        field="rate_factor",
    )
    patience: int = value(
        10,
        label="LR patience",
        help="Epochs without improvement before the rate falls.",
        unit=EPOCHS,
        lowest=0,
        highest=MOST_EPOCHS,
        field="rate_patience",
    )
    min_delta: float = value(
        1e-4,
        label="LR min delta",
        help="Smaller changes don’t count as improvement.",
        lowest=0.0,
        highest=LARGEST,
        field="rate_min_delta",
    )
    cooldown: int = value(
        0,
        label="LR cooldown",
        help="Epochs to wait after each reduction.",
        unit=EPOCHS,
        lowest=0,
        highest=MOST_EPOCHS,
        field="rate_cooldown",
    )
    min_lr: float = value(
        0.0,
        label="Min LR",
        help="The rate never falls below this.",
        lowest=0.0,
        highest=LARGEST,
        field="rate_min_lr",
    )


@dataclass(frozen=True, slots=True)
class Fit(Part):
    """How every execution is trained. A patience of None turns early stopping off.

    An empty monitor is the objective. Which epoch's weights are kept is no argument of early
    stopping here (Keras: restore_best_weights): the score rule says it. schedule None: a constant
    learning rate.
    """

    early_stopping_patience: int | None = value(
        5,
        label="Patience",
        help="Stop after this many epochs without improvement.",
        unit=EPOCHS,
        lowest=0,
        highest=MOST_EPOCHS,
        unset="off",
        field="patience",
    )
    early_stopping_min_delta: float = value(
        0.0,
        label="Min delta",
        help="Smaller changes don’t count as improvement.",
        lowest=0.0,
        highest=LARGEST,
        field="min_delta",
    )
    early_stopping_monitor: str = value(
        "",
        label="Monitor",
        help="Metric that has to improve.",
        longest=LONGEST_METRIC,
        unset=OBJECTIVE,
        field="monitor",
    )
    early_stopping_mode: Mode = value(
        "auto",
        label="Mode",
        help="Whether lower or higher values of the monitor are better.",
        choices=MODES,
        field="mode",
    )
    early_stopping_baseline: float | None = value(
        None,
        label="Baseline",
        help="Only values better than this reset the patience.",
        lowest=-LARGEST,
        highest=LARGEST,
        unset="none",
        field="baseline",
    )
    early_stopping_start_from_epoch: int = value(
        0,
        label="Start from epoch",
        help="Earlier epochs are not judged.",
        lowest=0,
        highest=MOST_EPOCHS,
        field="start_from_epoch",
    )
    reduce_lr: ReduceLROnPlateau | None = part(
        ReduceLROnPlateau, default=None, label="Reduce LR on plateau", field="rate"
    )
    schedule: Schedule | None = part(
        Schedule, default=None, label="Learning rate schedule", field="rate"
    )
    on_nan: OnNan = value(
        "fail",
        label="NaN loss",
        help="What a trial does whose loss becomes NaN or infinite; without an earlier epoch it fails.",
        choices={"fail": "fail the trial", "stop": "stop at the last finite epoch"},
    )
    class_weight: bool = value(
        False,
        label="Class weights",
        help="Rare classes count more in the loss.",
    )
    deterministic: bool = value(
        False,
        label="Deterministic",
        help="Repeats are equal bit for bit; training is slower.",
    )
    method: Method = value(
        "auto",
        label="Training loop",
        help="A fused epoch is one compiled function with the same results as fit, but faster.",
        choices={"auto": "fused where possible", "fused": "fused only", "fit": "Keras fit only"},
    )


@dataclass(frozen=True, slots=True)
class FitFacts:
    """What the check of a fit must know: ends of the space's ranges, None where nobody can say."""

    task: str
    metrics: tuple[str, ...]
    objective: str
    direction: str
    epochs: tuple[float, float] | None
    learning_rate: tuple[float, float] | None


def usual_patience(sampler: str) -> int | None:
    """The patience of early stopping where a plan names none: off in grid search.

    A grid is there to be compared cell by cell, each trained alike.
    """
    return None if sampler == "grid" else Fit().early_stopping_patience


def read_fit(reader: Reader, sampler: str = "auto") -> Fit:
    """Take the fit of a search by this sampler out of JSON, noting every problem at the reader."""
    return read_part(Fit, reader, early_stopping_patience=usual_patience(sampler))


def fit_of_refit(fit: Fit, objective: str, epochs: int) -> Fit:
    """The fit of a run without validation rows, which ends at an epoch chosen before.

    It follows a schedule as the trial of `epochs` did. What validation rows decided is left out:
    early stopping, and a rate that fell on a plateau of theirs.
    """
    plateau, schedule = fit.reduce_lr, fit.schedule
    if plateau is not None and (plateau.monitor or objective).startswith("val_"):
        plateau = None
    if schedule is not None and not schedule.epochs:
        schedule = replace(schedule, epochs=epochs)
    return replace(fit, early_stopping_patience=None, reduce_lr=plateau, schedule=schedule)


def fit_problems(fit: Fit, facts: FitFacts) -> list[Problem]:
    """What is wrong with a fit for this task, these metrics and this space."""
    found: list[Problem] = []
    if fit.class_weight and facts.task != "classification":
        message = "Only classification has class weights. Turn this off."
        found.append(Problem("class_weight", message))
    if fit.early_stopping_patience is not None:
        found += _monitor_problems(
            "early_stopping_", fit.early_stopping_monitor, fit.early_stopping_mode, facts
        )
        most = facts.epochs[1] if facts.epochs else None
        start = fit.early_stopping_start_from_epoch
        if start and most is not None and start >= most:
            message = (
                f"No trial has more than {most:g} epochs, so it would never act. Start earlier."
            )
            found.append(Problem("early_stopping_start_from_epoch", message))
    if fit.reduce_lr is not None:
        found += _plateau_problems(fit.reduce_lr, fit, facts)
    if fit.schedule is not None:
        found += _schedule_problems(fit.schedule, facts)
    return found


def mode_of(mode: Mode, monitor: str, direction: str) -> Literal["min", "max"]:
    """The mode that Keras is given: auto follows from the metric.

    direction: that of the objective, which an empty monitor stands for.
    """
    if mode != "auto":
        return mode
    better = direction_of(monitor) if monitor else direction
    return "max" if better == "maximize" else "min"


def early_stopping_order(fit: Fit, objective: str, direction: str) -> EarlyStoppingOrder | None:
    """Early stopping for the child; None: off."""
    if fit.early_stopping_patience is None:
        return None
    monitor = fit.early_stopping_monitor
    return EarlyStoppingOrder(
        monitor=monitor or objective,
        patience=fit.early_stopping_patience,
        min_delta=fit.early_stopping_min_delta,
        mode=mode_of(fit.early_stopping_mode, monitor, direction),
        baseline=fit.early_stopping_baseline,
        start_from_epoch=fit.early_stopping_start_from_epoch,
    )


def reduce_lr_order(fit: Fit, objective: str, direction: str) -> ReduceLROnPlateauOrder | None:
    """The plateau callback for the child; None: off."""
    plateau = fit.reduce_lr
    if plateau is None:
        return None
    mode = mode_of(plateau.mode, plateau.monitor, direction)
    monitor = plateau.monitor or objective
    return ReduceLROnPlateauOrder(**asdict(plateau) | {"monitor": monitor, "mode": mode})


def _monitor_problems(prefix: str, monitor: str, mode: Mode, facts: FitFacts) -> list[Problem]:
    measured = objectives(facts.metrics)
    if monitor and monitor not in measured:
        known = ", ".join(measured)
        return [Problem(f"{prefix}monitor", f"{monitor} isn't measured. Choose one of: {known}.")]
    right = mode_of("auto", monitor, facts.direction)
    if mode not in ("auto", right):
        better, watched = "higher" if right == "max" else "lower", monitor or facts.objective
        return [Problem(f"{prefix}mode", f"{watched} is better when it is {better}. Choose auto.")]
    return []


def _plateau_problems(plateau: ReduceLROnPlateau, fit: Fit, facts: FitFacts) -> list[Problem]:
    found = _monitor_problems("reduce_lr.", plateau.monitor, plateau.mode, facts)
    if fit.schedule is not None:
        message = (
            "A schedule sets the rate at every epoch, so a plateau can't. Choose one of them."
        )
        found.append(Problem("reduce_lr", message))
    highest = facts.learning_rate[1] if facts.learning_rate else None
    if highest is not None and plateau.min_lr >= highest:
        message = (
            f"No trial's learning rate is above {highest:g}, so none would be reduced. Go lower."
        )
        found.append(Problem("reduce_lr.min_lr", message))
    return found


def _schedule_problems(schedule: Schedule, facts: FitFacts) -> list[Problem]:
    fewest = facts.epochs[0] if facts.epochs else None
    if fewest is None or schedule.epochs:
        return []
    if schedule.kind == "warmup_cosine" and schedule.warmup_epochs >= fewest:
        message = (
            f"A trial may have only {fewest:g} epochs, and a warm-up must be shorter. "
            "Warm up for fewer, or let the space begin at more epochs."
        )
        return [Problem("schedule.warmup_epochs", message)]
    if schedule.kind == "one_cycle" and fewest < FEWEST_OF_ONE_CYCLE:
        message = (
            f"A trial may have only {fewest:g} epochs, and one cycle takes {FEWEST_OF_ONE_CYCLE}. "
            "Let the space begin at more epochs."
        )
        return [Problem("schedule.kind", message)]
    return []


def ends_of(values: Sequence[object]) -> tuple[float, float] | None:
    """The least and the largest of what are numbers; None where none is."""
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return (min(numbers), max(numbers)) if numbers else None
