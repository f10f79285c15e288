"""Whatever JSON comes in, a plan is read or refused with problems; nothing else ever happens."""

import copy
import json
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.plan import DataFacts, ExperimentPlan, PlanError
from tests.test_plan import IMAGE, PLAN

ODD = [
    *(None, True, False, 0, -1, 1, 1.5, 1e-320, -0.0, 1e18, 10**18, 2**53 + 1, 10**400, 1e308),
    *(math.nan, math.inf, -math.inf, "", " ", "ten", "a\0b", "\ud800", "x" * 300, "__proto__"),
    *("constructor", "val_loss", "units", "<b>", "1e9", [], {}, [[]], [{}], {"a": 1}, [None]),
    *({"name": "units", "values": [32]}, {"name": "epochs", "values": [1, "x"]}, ["units > 3"]),
    *(["units ** units ** units > 0"], "log", "reverse_log", "int", "float", "choice", "boolean"),
]


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a JSON document."""
    found = [path] if path else []
    keys = range(len(document)) if isinstance(document, list) else document
    if isinstance(document, dict | list):
        for key in keys:
            found += places(document[key], (*path, key))
    return found


@given(st.data())
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_with_anything_anywhere_is_read_or_refused(data):
    plan = copy.deepcopy(PLAN)
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(places(plan)))
        target = plan
        for key in path[:-1]:
            target = target[key]
        if data.draw(st.integers(0, 5)) == 0:
            del target[path[-1]]
        else:
            target[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    try:
        read = ExperimentPlan.from_dict(plan, DataFacts(IMAGE))
    except PlanError as error:
        assert error.problems
        assert all(problem.message.endswith((".", "…")) for problem in error.problems)
        "".join(f"{p.path}{p.message}" for p in error.problems).encode()  # can be sent and stored
    else:
        stored = json.loads(json.dumps(read.to_dict(), allow_nan=False))
        assert ExperimentPlan.from_dict(stored, DataFacts(IMAGE)) == read


@given(
    st.recursive(
        st.sampled_from(ODD),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*PLAN, *PLAN["fit"], *PLAN["space"], "x"]), inner)
        ),
    )
)
@settings(max_examples=500, deadline=None)
def test_any_document_is_refused(document):
    try:
        ExperimentPlan.from_dict(document, DataFacts(IMAGE))
    except PlanError as error:
        assert error.problems
