"""Whether a search does already what a finding proposed."""

import pytest

from experiments.search.findings.plan_changes import is_done
from tests.search.spaces import choice, fixed, floats, space_of

SPACE = space_of(
    floats("rate", 1e-5, 1e-1, scale="log"),
    choice("batch", 32, 64, 128),
    fixed("dropout", 0.2),
    constraints=["batch < 512"],
)


@pytest.mark.parametrize(
    ("act", "change", "done"),
    [
        ("widen", {"name": "rate", "fields": {"min": 1e-5}}, True),
        ("widen", {"name": "rate", "fields": {"min": 3e-5}}, True),
        ("widen", {"name": "rate", "fields": {"min": 1e-6}}, False),
        ("widen", {"name": "rate", "fields": {"max": 1.0}}, False),
        ("widen", {"name": "batch", "fields": {"choices": [32, 64]}}, True),
        ("widen", {"name": "batch", "fields": {"choices": [16, 32, 64, 128]}}, False),
        ("widen", {"name": "dropout", "fields": {"max": 0.9}}, True),
        ("widen", {"name": "gone", "fields": {"max": 0.9}}, True),
        ("fix", {"name": "dropout", "value": 0.3}, True),
        ("fix", {"name": "rate", "value": 0.3}, False),
        ("forbid", {"constraint": "batch < 512"}, True),
        ("forbid", {"constraint": "batch < 128"}, False),
        ("parallel", {"parallel": 2}, True),
        ("parallel", {"parallel": 3}, False),
        ("stop", {"confirm": [1]}, False),
        ("confirm", {"trials": [1]}, False),
        ("", {}, False),
    ],
)
def test_a_proposal_is_done_when_the_search_has_it(act, change, done):
    assert is_done(act, change, SPACE, parallel=2) == done
