"""Rules of what to keep: JSON, defaults and refusals."""

import pytest

from experiments.evaluation.keep import Keep, stored_keep
from experiments.search.declarations import read_part, rows_of
from experiments.search.reading import Reader


def test_a_rule_survives_json_and_an_older_plan_keeps_everything():
    keep = Keep(models="best", models_best=7, logs="failed", checkpoints="ended", days=30)
    assert stored_keep({"keep": keep.to_dict()}) == keep
    assert stored_keep({}).asks_for_nothing
    assert not keep.asks_for_nothing
    assert keep.of_which("models") == "the best 7 trials"
    assert dict(rows_of(keep))["Retention"] == "30 days"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("models", "some"),
        ("models_best", 0),
        ("predictions_best", "few"),
        ("logs", True),
        ("checkpoints", "never"),
        ("days", -1),
        ("weeks", 1),
    ],
)
def test_what_a_rule_may_not_say(field, value):
    reader = Reader({field: value})
    read_part(Keep, reader)
    assert [problem.path for problem in reader.problems] == [field]
