"""Reports: how every execution is trained, in words for the Protocol tab and the model card."""

from typing import Any

from experiments.evaluation.score_rules import kept_weights
from experiments.models import Experiment
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.training.fit import Fit, ReduceLROnPlateau, stored_fit
from experiments.training.schedule import Schedule

NAMES = {
    "exponential": "exponential decay",
    "step": "step decay",
    "cosine": "cosine decay",
    "warmup_cosine": "warm-up, then cosine decay",
    "one_cycle": "one cycle",
}
ON_NAN = {"fail": "fails the trial", "stop": "ends the fit at the epoch before"}
WEIGHTS = {
    "best": "of the best epoch by {}, stopped early or not",
    "last": "of the last epoch",
}


def training_words(stored: dict[str, Any], objective: str, rule: str) -> dict[str, str]:
    """Terms and their words; rule: the score rule, which says what weights are kept."""
    fit = stored_fit(stored)
    return {
        "Early stopping": _stopping(fit, objective),
        "Weights kept": WEIGHTS[kept_weights(rule)].format(objective),
        "Learning rate": _rate(fit, objective),
        "Loss that is no number": ON_NAN[fit.on_nan],
    }


def _stopping(fit: Fit, objective: str) -> str:
    if fit.early_stopping_patience is None:
        return "off"
    watched = fit.early_stopping_monitor or objective
    words = [f"after {_epochs(fit.early_stopping_patience)} without gain in {watched}"]
    if fit.early_stopping_mode != "auto":
        words.append(f"mode {fit.early_stopping_mode}")
    if fit.early_stopping_min_delta:
        words.append(f"a gain is more than {fit.early_stopping_min_delta:g}")
    if fit.early_stopping_baseline is not None:
        words.append(f"baseline {fit.early_stopping_baseline:g}")
    if fit.early_stopping_start_from_epoch:
        words.append(f"judged after epoch {fit.early_stopping_start_from_epoch}")
    return ", ".join(words)


def _rate(fit: Fit, objective: str) -> str:
    if fit.reduce_lr is not None:
        return _plateau(fit.reduce_lr, objective)
    return "constant" if fit.schedule is None else _schedule(fit.schedule)


def _plateau(plateau: ReduceLROnPlateau, objective: str) -> str:
    watched = plateau.monitor or objective
    words = [
        f"× {plateau.factor:g} after {_epochs(plateau.patience)} without gain in {watched}",
        f"a gain is more than {plateau.min_delta:g}",
    ]
    if plateau.mode != "auto":
        words.append(f"mode {plateau.mode}")
    if plateau.cooldown:
        words.append(f"cooldown {_epochs(plateau.cooldown)}")
    if plateau.min_lr:
        words.append(f"never below {plateau.min_lr:g}")
    return ", ".join(words)


def _schedule(schedule: Schedule) -> str:
    planned = f" of a plan of {_epochs(schedule.epochs)}" if schedule.epochs else ""
    match schedule.kind:
        case "exponential" | "step":
            detail = f"× {schedule.decay_rate:g} in every {_epochs(schedule.decay_epochs)}"
        case "cosine":
            detail = f"down to × {schedule.alpha:g}"
        case "warmup_cosine":
            detail = f"{_epochs(schedule.warmup_epochs)} up, then down to × {schedule.alpha:g}"
        case "one_cycle":
            detail = (
                f"from 1/{schedule.div_factor:g}, top after {schedule.peak_share:.0%} of the epochs, "
                f"down to 1/{schedule.div_factor * schedule.final_div_factor:g}"
            )
    return f"{NAMES[schedule.kind]}: {detail}{planned}"


def _epochs(count: int) -> str:
    return f"{count} epoch" if count == 1 else f"{count} epochs"


def setup_words(experiment: Experiment) -> dict[str, str]:
    """Model, sampler, pruner and training by name; what this site doesn't have any more as its slug."""
    recipe = experiment.hypermodel_version
    training = training_words(experiment.fit, experiment.objective, experiment.score_rule)
    return {
        "model": f"{recipe.hypermodel.name} v{recipe.number}",
        "sampler": strategy_label(SAMPLERS, experiment.sampler),
        "pruner": strategy_label(PRUNERS, experiment.pruner),
        **{name.lower(): words for name, words in training.items()},
        "class weights": "balanced" if experiment.fit.get("class_weight") else "none",
    }
