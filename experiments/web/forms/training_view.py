"""Room: web. What the new-experiment form offers for training and for what to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.evaluation.objectives import objectives
from experiments.web.forms.fit_fields import (
    EARLY_STOPPING,
    EARLY_STOPPINGS,
    FIT_FIELDS,
    PATIENCE,
    RATE,
    RATES,
)
from experiments.web.forms.keep_fields import CHECKPOINTS, KEEP_FIELDS, LOGS, WHICH

Pairs = tuple[tuple[str, str], ...]
MODES: Pairs = (("auto", "as the metric says"), ("min", "lower"), ("max", "higher"))
ON_NAN: Pairs = (("fail", "fails the trial"), ("stop", "ends the fit at the epoch before"))
NAMES = (EARLY_STOPPING, PATIENCE, RATE, *(plain.name for plain in FIT_FIELDS))


@dataclass(frozen=True, slots=True)
class KeepView:
    """Choices as pairs of value and words; `is_wrong`: one of the fields has an error."""

    is_wrong: bool
    which: Pairs = WHICH
    logs: Pairs = LOGS
    checkpoints: Pairs = CHECKPOINTS


@dataclass(frozen=True, slots=True)
class TrainingView:
    """Choices as pairs of value and words; `is_wrong`: one of the fields has an error."""

    monitors: Pairs
    is_wrong: bool
    modes: Pairs = MODES
    stoppings: Pairs = EARLY_STOPPINGS
    rates: Pairs = RATES
    on_nan: Pairs = ON_NAN


def training_view(
    metrics: Sequence[str], fields: Mapping[str, str], errors: Mapping[str, str]
) -> TrainingView:
    """Offer the task's metrics, and whatever else stands in the form."""
    names = list(objectives(metrics))
    typed = (fields.get("monitor", ""), fields.get("rate_monitor", ""))
    names += [name for name in dict.fromkeys(typed) if name and name not in names]
    monitors = (("", "the score"), *((name, name) for name in names))
    return TrainingView(monitors, any(name in errors for name in NAMES))


def keep_view(errors: Mapping[str, str]) -> KeepView:
    """Offer the rules of what to keep."""
    return KeepView(any(plain.name in errors for plain in KEEP_FIELDS))
