"""Auto prunes only where epochs cost more than a resume."""

from dataclasses import replace

import pytest

from experiments.search.pruners.auto import AutoPruner, what_it_would_do
from tests.search.pruner_contract import PrunerContract, history_of, trial


class TestContract(PrunerContract):
    pruner = AutoPruner()


@pytest.mark.parametrize(
    ("epochs", "seconds", "action"),
    [(27, 2.0, "pause"), (27, 0.4, "go_on"), (27, 0.0, "go_on"), (8, 2.0, "go_on")],
)
def test_it_prunes_where_it_pays(epochs, seconds, action):
    one = trial(0, (0.5,), "running")
    history = history_of(epochs=epochs, epoch_seconds=seconds)
    assert AutoPruner().decide(one, history).action == action


def test_nobody_stays_paused_when_epochs_turn_out_to_be_cheap():
    paused = [trial(n, (0.1 * n,), "paused") for n in (3, 4)]
    history = history_of(*paused)
    assert AutoPruner().promote(history) is None
    cheap = AutoPruner().promote(replace(history, epoch_seconds=0.1))
    assert cheap.number == 3


@pytest.mark.parametrize(
    ("epochs", "seconds", "words"),
    [
        (5, 9.0, "5 epochs are too few"),
        (27, None, "if an epoch takes longer than 0.5 s"),
        (
            27,
            2.0,
            "Pauses at epochs 1, 3, 9 like ASHA: an epoch takes about 2 s",
        ),
        (27, 0.04, "No pruning: an epoch takes about 0.04 s"),
    ],
)
def test_it_says_what_it_would_do(epochs, seconds, words):
    assert words in what_it_would_do(epochs, seconds)
