"""Room: web. How an execution is trained, as fields of the new-experiment form, and back.

`early_stopping` usual: as the search strategy has it; 1: its fields count; empty: off. `rate` empty: a constant learning rate;
plateau: the fields `rate_…` count; else the kind of a schedule, and the fields that it asks for.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from experiments.training.fit import Fit, ReduceLROnPlateau, usual_patience
from experiments.training.schedule import ASKED, Schedule
from experiments.web.forms import typed
from experiments.web.forms.plan_field import PlanField, number_field, put, take, text_field

EARLY_STOPPING: Final = "early_stopping"
USUAL: Final = "usual"
PATIENCE: Final = "patience"
RATE: Final = "rate"
PLATEAU: Final = "plateau"
STOPPING: Final = "fit.early_stopping_"

FIT_FIELDS: Final[tuple[PlanField, ...]] = (
    text_field("monitor", "fit.early_stopping_monitor"),
    text_field("mode", "fit.early_stopping_mode"),
    number_field("min_delta", "fit.early_stopping_min_delta"),
    number_field("baseline", "fit.early_stopping_baseline"),
    number_field("start_from_epoch", "fit.early_stopping_start_from_epoch"),
    text_field("rate_monitor", "fit.reduce_lr.monitor"),
    text_field("rate_mode", "fit.reduce_lr.mode"),
    number_field("rate_factor", "fit.reduce_lr.factor"),
    number_field("rate_patience", "fit.reduce_lr.patience"),
    number_field("rate_min_delta", "fit.reduce_lr.min_delta"),
    number_field("rate_cooldown", "fit.reduce_lr.cooldown"),
    number_field("rate_min_lr", "fit.reduce_lr.min_lr"),
    number_field("decay_rate", "fit.schedule.decay_rate"),
    number_field("decay_epochs", "fit.schedule.decay_epochs"),
    number_field("alpha", "fit.schedule.alpha"),
    number_field("warmup_epochs", "fit.schedule.warmup_epochs"),
    PlanField("peak_percent", "fit.schedule.peak_share", typed.percent, typed.shown_percent),
    number_field("div_factor", "fit.schedule.div_factor"),
    number_field("final_div_factor", "fit.schedule.final_div_factor"),
    text_field("on_nan", "fit.on_nan"),
)
EARLY_STOPPINGS: Final = ((USUAL, "as usual for the strategy"), ("1", "on"), ("", "off"))
RATES: Final = (
    ("", "constant"),
    (PLATEAU, "lower on a plateau"),
    ("exponential", "exponential decay"),
    ("step", "step decay"),
    ("cosine", "cosine decay"),
    ("warmup_cosine", "warm-up, then cosine"),
    ("one_cycle", "one cycle"),
)
DEFAULTS: Final[dict[str, Any]] = {
    "fit": Fit().to_dict()
    | {"reduce_lr": asdict(ReduceLROnPlateau()), "schedule": asdict(Schedule("cosine"))}
}


def show_fit(plan: Mapping[str, Any]) -> dict[str, str]:
    """Write a plan's fit as fields; what it doesn't use shows its default, ready to be turned on."""
    shown = {}
    for plain in FIT_FIELDS:
        value = take(plan, plain.path)
        shown[plain.name] = plain.show(take(DEFAULTS, plain.path) if value is None else value)
    patience = take(plan, f"{STOPPING}patience")
    shown[EARLY_STOPPING] = _shown_stopping(plan, patience)
    shown[PATIENCE] = typed.shown(5 if patience is None else patience)
    has_plateau = take(plan, "fit.reduce_lr") is not None
    shown[RATE] = PLATEAU if has_plateau else typed.shown(take(plan, "fit.schedule.kind"))
    return shown


def put_fit(plan: dict[str, Any], fields: Mapping[str, str]) -> None:
    """Complete the fit of a plan whose FIT_FIELDS are read: leave out what is turned off."""
    fit, rate = plan["fit"], fields.get(RATE, "").strip()
    stopping = fields.get(EARLY_STOPPING)
    if stopping != "1":
        for name in [name for name in fit if name.startswith("early_stopping_")]:
            del fit[name]
    if stopping != USUAL:
        patience = typed.number(fields.get(PATIENCE, ""))
        put(plan, f"{STOPPING}patience", patience if stopping == "1" else None)
    if rate != PLATEAU:
        fit["reduce_lr"] = None
    options = fit["schedule"] if rate not in ("", PLATEAU) else None
    fit["schedule"] = options and {
        "kind": rate,
        **{name: value for name, value in options.items() if name in ASKED.get(rate, ())},  # type: ignore[call-overload]
    }


def _shown_stopping(plan: Mapping[str, Any], patience: Any) -> str:
    """Which choice of EARLY_STOPPINGS a plan made, as it stands there."""
    usual = Fit(early_stopping_patience=usual_patience(str(plan.get("sampler", ""))))
    fit = plan.get("fit") or {}
    if all(
        fit.get(name, value) == value
        for name, value in usual.to_dict().items()
        if name.startswith("early_stopping_")
    ):
        return USUAL
    return "" if patience is None else "1"
