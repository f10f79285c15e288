import pytest

from experiments.number_words import plain
from experiments.reports.analysis.space_preview import SHOWN, row_histogram, space_preview
from experiments.search.space.space import Space
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.trials.lifecycle import add_trial
from experiments.tuner.turn import propose
from tests.searches import make_experiment
from tests.steps import steps_of


def row(name, **fields):
    return {"name": name, "type": "int", "min": 1, "max": 10, "step": 1, **fields}


def space(*rows, constraints=()):
    return Space.from_dict({"hyperparameters": list(rows), "constraints": list(constraints)})


def test_the_same_seed_shows_the_same_draws():
    one = space(row("a"), row("b"))
    assert space_preview(one, seed=1) == space_preview(one, seed=1)
    assert space_preview(one, seed=1).draws != space_preview(one, seed=2).draws


def test_the_shown_draws_are_the_first_trials_of_a_random_search(project, owner, queues):
    experiment = make_experiment(project, max_trials=SHOWN)
    start_experiment(experiment, by=owner)
    for _ in range(SHOWN):
        add_trial(experiment.pk, propose(experiment))
        experiment.trials.update(state="completed")
    trials = experiment.trials.order_by("number")
    searched = Space.from_dict(experiment.space_versions.get().space)
    preview = space_preview(searched, seed=experiment.seed)
    assert [tuple(trial.values.get(name) for name in preview.names) for trial in trials] == list(
        preview.draws
    )


def test_a_space_of_three_shows_each_once():
    draws = space_preview(space(row("a", max=3)), seed=0).draws
    assert sorted(draws) == [(1,), (2,), (3,)]


def test_each_value_of_a_short_range_has_its_bar():
    histogram = space_preview(space(row("a", max=3)), seed=0).histograms["a"]
    assert [bar.label for bar in histogram.bars] == ["1", "2", "3"]
    assert sum(bar.count for bar in histogram.bars) == 1_000
    assert max(bar.height for bar in histogram.bars) == 1.0


def test_a_log_scale_is_binned_on_its_own_scale():
    wide = row("rate", type="float", min=1e-5, max=1e-1, step=None, scale="log")
    bars = space_preview(space(wide), seed=0).histograms["rate"].bars
    assert len(bars) == 12
    assert min(bar.count for bar in bars) > 40


def test_a_conditional_name_says_in_how_many_draws_it_is_active():
    optimizer = {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd"]}
    momentum = row(
        "momentum", type="float", min=0, max=1, step=None,
        only_if={"name": "optimizer", "values": ["sgd"]},
    )  # fmt: skip
    preview = space_preview(space(optimizer, momentum), seed=0)
    assert preview.histograms["momentum"].active == pytest.approx(0.5, abs=0.08)
    assert {plain(values[1]) for values in preview.draws} >= {"–"}


def test_constraints_hold_in_every_draw_and_their_cost_is_told():
    preview = space_preview(space(row("a"), row("b"), constraints=["a * b <= 20"]), seed=0)
    assert all(a * b <= 20 for a, b in preview.draws)
    assert 0.3 < preview.kept < 0.7


def test_a_rule_that_leaves_next_to_nothing_is_answered_in_few_steps():
    wide = [row(name, max=1000) for name in ("a", "b")]
    tight = space(*wide, constraints=["a + b <= 25"])
    assert steps_of(lambda: space_preview(tight, seed=0)) < 3_000_000
    preview = space_preview(tight, seed=0)
    assert 1 <= len(preview.draws) <= SHOWN
    assert preview.kept < 0.01


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"name": "a", "type": "fixed", "value": 3}], "one configuration"),
        ([row("a"), row("b")], "100 configurations"),
        ([row(name, max=1000) for name in "ab"], "1 million configurations"),
        ([row("a", type="float", step=None)], "continuous"),
        ([row(name, max=1000) for name in "abcdefg"], "about 10^21 configurations"),
    ],
)
def test_the_size_is_told_in_words(rows, words):
    assert space_preview(space(*rows), seed=0).size_words == words


def test_a_wrong_row_has_no_histogram_and_does_not_hide_the_others():
    assert row_histogram(row("a", min=9, max=1), seed=0) is None
    assert row_histogram(row("a", only_if={"name": "nobody", "values": [1]}), seed=0) is not None
