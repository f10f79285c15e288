"""Reports: how every execution is trained, in words for the Protocol tab and the model card."""

from experiments.evaluation.score_rules import kept_weights
from experiments.models import Experiment
from experiments.search.declarations import declaration_of, sentence_of
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.training.fit import Fit

WEIGHTS = {"best": "best epoch by {}, stopped early or not", "last": "last epoch"}


def setup_words(experiment: Experiment) -> dict[str, str]:
    """Model, sampler, pruner and training by name; what this site doesn't have any more as its slug."""
    recipe = experiment.hypermodel_version
    training = training_words(experiment)
    return {
        "model": f"{recipe.hypermodel.name} v{recipe.number}",
        "sampler": strategy_label(SAMPLERS, experiment.sampler),
        "pruner": strategy_label(PRUNERS, experiment.pruner),
        **{name.lower(): words for name, words in training.items()},
    }


def training_words(experiment: Experiment) -> dict[str, str]:
    """Terms and their words; the score rule says what weights are kept."""
    fit = experiment.fit
    is_on = fit.early_stopping_patience is not None
    return {
        "Early stopping": sentence_of(fit, start="early_stopping_") if is_on else "off",
        "Weights kept": WEIGHTS[kept_weights(experiment.score_rule)].format(experiment.objective),
        "Learning rate": _rate(fit),
        **{
            each.label: each.words(getattr(fit, each.name))
            for each in (
                declaration_of(Fit, name) for name in ("on_nan", "class_weight", "method")
            )
        },
    }


def _rate(fit: Fit) -> str:
    if fit.reduce_lr is not None:
        return f"reduce on plateau, {sentence_of(fit.reduce_lr)}"
    if fit.schedule is None:
        return "constant"
    return sentence_of(fit.schedule).removeprefix("learning rate ")
