"""Samplers and pruners by their words."""

from experiments.templatetags.strategies import pruner_label, sampler_label


def test_a_strategy_is_told_in_words():
    assert sampler_label("random_forest") == "Random forest"
    assert pruner_label("none") == "No pruning"


def test_one_that_is_gone_keeps_its_slug():
    assert (sampler_label("gone"), pruner_label("gone")) == ("gone", "gone")
