"""What every pruner must do: subclass `PrunerContract` and set `pruner`."""

import math
from dataclasses import replace
from typing import ClassVar

import pytest

from experiments.search.declarations import declared
from experiments.search.history import History, ObservedTrial
from experiments.search.pruner_rules import PRUNER_RULES
from experiments.search.strategies.registry import PRUNERS, make_pruner
from experiments.search.strategy import Pruner
from tests.steps import steps_of

EPOCHS = 27


def curve(limit: float, epochs: int = EPOCHS) -> tuple[float, ...]:
    """An accuracy that rises to its limit."""
    return tuple(limit * (1 - 0.7 * math.exp(-epoch / 6)) for epoch in range(1, epochs + 1))


def trial(number: int, values: tuple[float | None, ...], state: str = "completed"):
    score = values[-1] if state == "completed" and values else None
    return ObservedTrial(number, {"epochs": EPOCHS}, state, score, tuple(values))


def history_of(*trials: ObservedTrial, direction: str = "maximize", **facts) -> History:
    return History(trials, direction, **{"epochs": EPOCHS, "epoch_seconds": 2.0, **facts})


def mirrored(history: History) -> History:
    """The same search with the objective's sign turned."""
    turned = tuple(
        replace(t, curve=tuple(None if v is None else -v for v in t.curve), score=t.score and -t.score)
        for t in history.trials
    )  # fmt: skip
    return replace(history, trials=turned, direction="minimize")


PEERS = history_of(*(trial(n, curve(0.5 + 0.04 * n)) for n in range(10)))


class PrunerContract:
    """Rules of every pruner, whatever it does to decide."""

    pruner: ClassVar[Pruner]

    def test_it_is_registered_with_words_for_the_form(self):
        kind = type(self.pruner)
        assert PRUNERS[self.pruner.slug] is kind
        assert self.pruner.label
        assert self.pruner.help.endswith(".")
        for option in declared(kind):
            assert option.label
            assert option.help.endswith(".")
        assert make_pruner(self.pruner.slug, {}) == kind()

    @pytest.mark.parametrize("words, rule", PRUNER_RULES, ids=[words for words, _ in PRUNER_RULES])
    def test_it_keeps_the_rules_that_own_pruners_are_asked_too(self, words, rule):
        assert rule(self.pruner), words

    @pytest.mark.parametrize("limit", [0.2, 0.55, 0.7, 0.95])
    def test_the_direction_is_respected(self, limit):
        for epoch in range(1, EPOCHS):
            one = trial(10, curve(limit, epoch), "running")
            turned = mirrored(history_of(one)).trials[0]
            answers = self.pruner.decide(one, PEERS), self.pruner.decide(turned, mirrored(PEERS))
            assert answers[0].action == answers[1].action

    def test_peers_that_have_not_come_so_far_count_for_nothing(self):
        late = tuple(trial(20 + n, curve(0.99, 2), "running") for n in range(5))
        more = replace(PEERS, trials=(*PEERS.trials, *late))
        for epoch in range(3, EPOCHS):
            one = trial(10, curve(0.6, epoch), "running")
            assert self.pruner.decide(one, more) == self.pruner.decide(one, PEERS)

    @pytest.mark.parametrize("bad", [None, math.nan, math.inf, -math.inf])
    def test_values_that_are_no_numbers_never_rank_before_numbers(self, bad):
        peers = tuple(replace(t, curve=(bad,) * EPOCHS, score=bad) for t in PEERS.trials)
        for epoch in range(1, EPOCHS):
            good = trial(10, curve(0.9, epoch), "running")
            broken = trial(11, (*curve(0.9, epoch)[:-1], bad), "running")
            assert self.pruner.decide(good, replace(PEERS, trials=peers)).action != "stop"
            decision = self.pruner.decide(broken, PEERS)
            if decision.standing is not None:
                value = decision.standing.value
                assert value is None or math.isfinite(value)

    @pytest.mark.parametrize("state", ["failed", "stopped", "waiting"])
    def test_it_survives_a_history_without_curves(self, state):
        empty = history_of(*(trial(n, (), state) for n in range(6)))
        one = trial(6, curve(0.5, 9), "running")
        assert self.pruner.decide(one, empty).action in ("go_on", "pause")
        assert self.pruner.promote(empty) is None
        nothing = History((), "maximize")
        assert self.pruner.decide(one, nothing).action in ("go_on", "pause")
        assert self.pruner.promote(nothing) is None

    def test_ten_thousand_peers_are_judged_in_few_steps(self):
        many = history_of(*(trial(n, curve(0.5 + n * 1e-5), "paused") for n in range(10_000)))
        one = trial(10_001, curve(0.4, 9), "running")
        self.pruner.decide(one, history_of())  # whatever is made once
        assert steps_of(lambda: self.pruner.decide(one, many)) < 20 * 10_000
