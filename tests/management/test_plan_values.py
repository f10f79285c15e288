"""`manage.py plan_values`: the guide's tables, and the JSON Schema of a plan."""

import io
import json

import pytest
from django.core.management import call_command


def printed(**options):
    out = io.StringIO()
    call_command("plan_values", stdout=out, **options)
    return out.getvalue()


def test_the_tables_name_values_of_both_plans():
    text = printed()
    assert "| Trials | `budget.max_trials` | whole number | required | 1 to 100,000 |" in text
    assert "| Timeout | `silence_seconds` | whole number, seconds (form: min) | `3600` |" in text


@pytest.mark.parametrize(
    ("plan", "value"), [("experiment", "budget"), ("external", "silence_seconds")]
)
def test_the_schema_of_a_plan_is_printed(plan, value):
    assert value in json.loads(printed(schema=plan))["properties"]
