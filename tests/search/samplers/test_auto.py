"""Auto: what it chooses, and that it says so."""

import pytest

from experiments.search.history import History
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.strategies.auto import KINDS, AutoSampler, choose, explain
from experiments.search.strategies.registry import SAMPLERS
from tests.search.objectives import BOWL, bowl, search
from tests.search.sampler_contract import CONTINUOUS, MIXED, SamplerContract, rng_of
from tests.search.spaces import choice, floats, ints, only_if, space_of

SMALL = space_of(ints("a", 1, 4), choice("b", "x", "y", "z"))
NESTED = space_of(
    choice("a", 1, 2),
    choice("b", 1, 2, **only_if("a", 1)),
    choice("c", 1, 2, **only_if("b", 1)),
    floats("d", 0, 1, **only_if("c", 1)),
)
WIDE = space_of(*(floats(f"f{i}", 0, 1) for i in range(80)))


class TestAuto(SamplerContract):
    sampler = AutoSampler()

    @pytest.mark.parametrize(
        ("space", "facts", "slug"),
        [
            (CONTINUOUS, {}, "bayesian"),
            (CONTINUOUS, {"trials": 50}, "bayesian"),
            (CONTINUOUS, {"trials": 50, "slots": 4}, "bayesian"),
            (CONTINUOUS, {"trials": 5}, "quasi_random"),
            (CONTINUOUS, {"trials": 40, "slots": 32}, "quasi_random"),
            (CONTINUOUS, {"trials": 1000, "number": 299}, "bayesian"),
            (CONTINUOUS, {"trials": 1000, "number": 300}, "tpe"),
            (SMALL, {"trials": 12}, "grid"),
            (SMALL, {"trials": 11}, "bayesian"),
            (SMALL, {}, "bayesian"),
            (NESTED, {"trials": 50}, "random_forest"),
            (WIDE, {"trials": 50}, "random_forest"),
        ],
    )
    def test_it_chooses_by_space_budget_and_slots(self, space, facts, slug):
        assert choose(space, **facts).slug == slug

    def test_it_only_chooses_what_is_registered(self):
        for kind in KINDS:
            assert SAMPLERS[kind.slug] is kind

    def test_it_suggests_what_the_chosen_one_would_and_says_why(self):
        history = search(BayesianSampler(), BOWL, bowl, 10)
        chosen = BayesianSampler().suggest(BOWL, history, 10, rng_of(10))
        suggestion = self.ask(BOWL, history, 10)
        assert suggestion.values == chosen.values
        assert (suggestion.kind, suggestion.predicted) == (chosen.kind, chosen.predicted)
        assert suggestion.why.startswith(chosen.why)
        assert "Bayesian optimisation, because" in suggestion.why
        assert len(suggestion.why) < 300

    def test_a_space_within_the_budget_is_tried_whole(self):
        history = History((), planned=20)
        first = self.ask(SMALL, history, 0)
        assert "all 12 configurations" in first.why

    @pytest.mark.parametrize("space", [SMALL, MIXED, NESTED, WIDE])
    def test_the_form_gets_a_slug_and_a_sentence(self, space):
        slug, sentence = explain(space, trials=30, slots=2)
        assert slug in SAMPLERS
        assert sentence.startswith(f"Auto uses {SAMPLERS[slug].label}, because ")
        assert sentence.endswith(".")

    def test_a_long_search_is_told_who_comes_later(self):
        _, sentence = explain(CONTINUOUS, trials=500)
        assert "From trial 300 on: Tree-structured Parzen estimator" in sentence


def test_no_more_trials_run_at_a_time_than_the_budget_has():
    assert "with 6 of 6 trials in parallel" in choose(CONTINUOUS, trials=6, slots=8).reason
