"""Every declared value of a plan: both forms accept what the plan accepts, in their own units."""

import copy

import pytest

from experiments.catalog.registry import CATALOG
from experiments.external_plan import ExternalPlan, ExternalPlanError
from experiments.plan import DataFacts, ExperimentPlan, PlanError, default_plan
from experiments.search.declarations import declaration_of
from experiments.web.forms.connect import OutsideForm
from experiments.web.forms.edit.values import LINKED, ExperimentEdit
from experiments.web.forms.experiment.fields import DECLARED, EDITABLE, FIELDS, LABELS, field_of
from experiments.web.forms.experiment.form import ExperimentForm
from experiments.web.forms.plan_field import plan_fields, put, take
from tests.test_plan import IMAGE

PLAN = default_plan(IMAGE, CATALOG["image-mlp"], 7, "First search").to_dict()
PLAN["budget"] |= {"max_trials": 40}
# What else a plan has to say for a value to count.
BESIDE = {
    "protocol.folds": {"protocol.kind": "k_fold"},
    "protocol.rounds": {"protocol.kind": "subsampling"},
    "protocol.validation_share": {"protocol.kind": "holdout"},
    "protocol.repeats": {"protocol.kind": "holdout"},
    "fit.early_stopping_": {"fit.early_stopping_patience": 9},
    "fit.reduce_lr.": {"fit.reduce_lr": {}},
    "fit.schedule.decay": {"fit.schedule": {"kind": "step"}},
    "fit.schedule.alpha": {"fit.schedule": {"kind": "cosine"}},
    "fit.schedule.warmup_epochs": {"fit.schedule": {"kind": "warmup_cosine"}},
    "fit.schedule.": {"fit.schedule": {"kind": "one_cycle"}},
    "keep.models_best": {"keep.models": "best"},
    "keep.predictions_best": {"keep.predictions": "best"},
}


def around(declaration):
    """Values below, at and above each limit."""
    low, high = declaration.lowest, declaration.highest
    step = 1 if declaration.kind == "whole" else 1e-3 * max(1.0, abs(high) if high else 1.0)
    return [low - step, low, low + step, high - step, high, high + step]


def limited(fields):
    return [
        (field, value)
        for field in fields
        if field.declaration.in_form and field.declaration.lowest is not None
        for value in around(field.declaration)
    ]


def named(cases):
    return [f"{field.path}-{value:g}" for field, value in cases]


LIMITED = limited(FIELDS)
NAMED = named(LIMITED)
OUTSIDE = limited(plan_fields(ExternalPlan))


def plan_with(path, value):
    plan = copy.deepcopy(PLAN)
    beside = next((told for start, told in BESIDE.items() if path.startswith(start)), {})
    for place, told in beside.items():
        put(plan, place, copy.deepcopy(told))
    put(plan, path, value)
    return plan


def range_problems(plan, path):
    """The problems of the value's own limits; what contradicts other values is none of them."""
    try:
        ExperimentPlan.from_dict(plan, DataFacts(IMAGE))
    except PlanError as error:
        return [
            each.message
            for each in error.problems
            if each.path == path
            and each.message.startswith(
                ("Must be between", "Expected a whole", "The number is too large")
            )
        ]
    return []


@pytest.mark.parametrize(("field", "value"), LIMITED, ids=NAMED)
def test_the_form_of_a_new_experiment_accepts_what_the_plan_accepts(field, value):
    plan = plan_with(field.path, value)
    form = ExperimentForm.from_plan(plan, {})
    typed = form.to_dict()
    read = take(typed, field.path)
    assert read == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert bool(range_problems(typed, field.path)) == bool(range_problems(plan, field.path))
    for message in range_problems(typed, field.path):
        shown = field.in_its_units(message)
        assert field.declaration.unit.size == 1 or field.declaration.unit.name in shown


def edited(field, value):
    typed = {each.name: each.show(take(PLAN, each.path) or "") for each in EDITABLE}
    form = ExperimentEdit(typed, PLAN["objective"], revision=1).with_fields(
        {field.name: field.show(value)}
    )
    return form.read()


@pytest.mark.parametrize(
    ("field", "value"),
    [each for each in LIMITED if each[0].declaration.editable],
    ids=[n for n, each in zip(NAMED, LIMITED, strict=True) if each[0].declaration.editable],
)
def test_the_form_of_an_edit_accepts_what_the_plan_accepts(field, value):
    changes, errors = edited(field, value)
    wrong = [each for each in errors if each.field == field.name]
    try:
        ExperimentPlan.from_dict(plan_with(field.path, value), DataFacts(IMAGE))
    except PlanError as error:
        assert [each.label for each in wrong] == [LABELS[field.name]], error
    else:
        assert (wrong, changes[field.declaration.name]) == ([], value)


@pytest.mark.parametrize(("field", "value"), OUTSIDE, ids=named(OUTSIDE))
def test_the_form_of_an_external_search_accepts_what_its_plan_accepts(field, value):
    form = OutsideForm({"name": "My loop", field.name: field.show(value)})
    plan = form.plan()
    try:
        expected = ExternalPlan.from_dict({"name": "My loop", field.path: value})
    except ExternalPlanError as error:
        assert plan is None and list(form.errors) == [field.name], error
    else:
        assert plan == expected, form.errors


@pytest.mark.parametrize(
    ("name", "text"), [("parallel", "200"), ("max_minutes", "900000"), ("tags", "x" * 50)]
)
def test_an_edit_refuses_what_a_clone_would_be_refused_for(name, text):
    _, errors = (
        ExperimentEdit(
            {each.name: each.show(take(PLAN, each.path) or "") for each in EDITABLE}, revision=1
        )
        .with_fields({name: text})
        .read()
    )
    assert [error.field for error in errors] == [name]


def test_every_value_has_words():
    for field in FIELDS:
        label = field.declaration.label
        assert label and label[0].isupper() and not label.endswith("."), field.path
        assert len(label.split()) <= 4, label
        assert field.declaration.help == "" or field.declaration.help.endswith("."), label
    named = [each.declaration.label for each in FIELDS]
    assert sorted(set(named)) == sorted(named), "two fields bear the same label"


def test_choices_are_those_of_the_type():
    for field in DECLARED:
        if field.declaration.kind == "choice" and field.declaration.default is not None:
            assert field.declaration.default in field.declaration.choices, field.path


def test_a_problem_stands_at_its_field():
    assert field_of("budget.max_seconds") == "max_minutes"
    assert field_of("budget.foo") == "max_trials"
    assert field_of("fit.schedule.kind") == field_of("fit.reduce_lr") == "rate"
    assert field_of("fit.early_stopping_patience") == "patience"
    assert field_of("protocol.locked_test_share") == "locked_percent"
    assert field_of("sampler_options.resolution", {"sampler": "grid"}) == "sampler-grid-resolution"
    assert field_of("space.constraints.0") == "constraints"
    assert field_of("nothing") == ""


def test_links_name_every_editable_limit():
    assert {"slots", "trials", "minutes", "epochs", "hours", "target", "gain"} <= set(LINKED)
    assert declaration_of(ExperimentPlan, "budget.least_gain").link == "gain"
