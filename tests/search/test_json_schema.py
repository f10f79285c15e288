"""The JSON Schema of a plan allows what the plan's reader accepts, value by value."""

import copy

import pytest

from experiments.catalog.registry import CATALOG
from experiments.external_plan import ExternalPlan
from experiments.plan import DataFacts, ExperimentPlan, PlanError, default_plan
from experiments.search.json_schema import schema_document
from experiments.web.forms.plan_field import put, take
from tests.test_plan import IMAGE
from tests.web.test_plan_values import LIMITED, NAMED, plan_with, range_problems

PLAN = default_plan(IMAGE, CATALOG["image-mlp"], 7, "First search").to_dict()
SCHEMA = schema_document(ExperimentPlan)
PYTHON = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def is_of(value, name):
    if isinstance(value, bool) and name != "boolean":
        return False
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, PYTHON[name])


def allows(schema, value):
    """Whether a value is valid; knows the keywords that the schemas use."""
    if "anyOf" in schema:
        return any(allows(each, value) for each in schema["anyOf"])
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_of(value, name) for name in types):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return (
            set(value) <= set(known)
            and set(schema["required"]) <= set(value)
            and all(allows(known[name], each) for name, each in value.items())
        )
    if isinstance(value, list) and "items" in schema:
        return len(value) <= schema["maxItems"] and all(allows(schema["items"], v) for v in value)
    if isinstance(value, str):
        return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    if isinstance(value, int | float):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return True


@pytest.mark.parametrize(("field", "value"), LIMITED, ids=NAMED)
def test_it_allows_the_numbers_that_the_plan_accepts(field, value):
    plan = plan_with(field.path, value)
    assert allows(SCHEMA, plan) == (not range_problems(plan, field.path))


def test_it_allows_the_plans_that_the_product_makes():
    assert allows(SCHEMA, PLAN)
    own = ExternalPlan.from_dict({"name": "My loop", "more_objectives": [], "retries": 3})
    assert allows(schema_document(ExternalPlan), own.to_dict())
    assert {"name"} == set(schema_document(ExternalPlan)["required"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("protocol.kind", "leave_one_out"),
        ("keep.models", "some"),
        ("fit.schedule", {"kind": "linear"}),
        ("fit.schedule", {}),
        ("fit.class_weight", "yes"),
        ("budget.pizza", 3),
        ("pizza", 3),
        ("name", ""),
        ("name", "x" * 121),
        ("tags", ["x" * 41]),
        ("budget", None),
    ],
)
def test_it_refuses_what_the_plan_refuses(path, value):
    plan = copy.deepcopy(PLAN)
    put(plan, path, value)
    assert not allows(SCHEMA, plan)
    with pytest.raises(PlanError):
        ExperimentPlan.from_dict(plan, DataFacts(IMAGE))


def test_every_value_has_a_title_and_what_may_be_null_says_so():
    def named(schema, path=""):
        for name, each in schema.get("properties", {}).items():
            yield f"{path}{name}", each
            inner = next((x for x in each.get("anyOf", ()) if "properties" in x), each)
            yield from named(inner, f"{path}{name}.")

    found = dict(named(SCHEMA))
    assert all(each["title"] for each in found.values())
    assert "null" in found["budget.max_seconds"]["type"]
    assert allows(found["fit.reduce_lr"], None)
    assert take(PLAN, "fit.schedule") is None and allows(found["fit.schedule"], None)
