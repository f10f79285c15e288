"""Whatever a history holds, a look ends in findings that are whole: no error, no NaN in the words."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.findings.registry import find_all, looked_for
from experiments.search.findings.search_state import SearchState, TrainedCurve
from experiments.search.history import History, ObservedTrial
from experiments.search.space.space import Space
from tests.search.findings.planted import SPACE, searched
from tests.search.spaces import choice, floats, only_if, space_of

CONDITIONAL = space_of(
    choice("optimizer", "adam", "sgd"),
    floats("momentum", 0.0, 0.99, **only_if("optimizer", "sgd")),
    floats("rate", 1e-5, 1e-1, scale="log"),
)
SCORES = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.just(0.5))
STATES = st.sampled_from(["completed", "completed", "completed", "failed", "pruned", "running"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Space, History]:
    space = draw(st.sampled_from([SPACE, CONDITIONAL]))
    count = draw(st.sampled_from([0, 1, 2, 24, 60]))
    drawn = searched(lambda _: 0.5, count, space=space, seed=draw(st.integers(0, 5)))
    scores = draw(st.lists(SCORES, min_size=count, max_size=count))
    states = draw(st.lists(STATES, min_size=count, max_size=count))
    several = draw(st.booleans())
    trials = tuple(
        ObservedTrial(
            trial.number,
            trial.values,
            state,
            score if state == "completed" else None,
            executions=(score, score, 0.1) if several and score is not None else (),
        )
        for trial, score, state in zip(drawn.trials, scores, states, strict=True)
    )
    return space, History(trials, draw(st.sampled_from(["minimize", "maximize"])))


@settings(max_examples=60, deadline=None)
@given(histories(), st.lists(SCORES, max_size=20))
def test_any_history_can_be_looked_at(found, values):
    space, history = found
    failures = {t.number: "nan" for t in history.trials if t.state == "failed"}
    curves = tuple(TrainedCurve(n, tuple(values), tuple(values)) for n in range(8))
    look = SearchState(space=space, history=history, failures=failures, curves=curves, left=50)
    for each in find_all(look, looked_for(scheduled=True)):
        json.dumps(each.to_dict(), allow_nan=False)
        assert "nan " not in f"{each.statement} " and "inf " not in f"{each.statement} "
        assert each.confidence.chance is None or math.isfinite(each.confidence.chance)


def test_equal_scores_say_nothing():
    history = searched(lambda _: 0.5, 200, noise=0.0)
    found = find_all(SearchState(space=SPACE, history=history), looked_for(scheduled=True))
    assert [each.kind for each in found] in ([], ["stalled"])
