"""Reports: how an experiment was set up, in words that stand beside those of others. Imports models."""

from experiments.models import Experiment
from experiments.reports.experiments.training_summary import training_words
from experiments.search.strategies.custom_slugs import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS


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
