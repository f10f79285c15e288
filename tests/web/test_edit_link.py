"""Links that open the edit page with a change filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.web.forms.edit.link import ROWS, fill
from experiments.web.forms.experiment.form import ExperimentForm
from experiments.web.forms.experiment.space_rows import rows_from_json
from tests.search.spaces import choice, fixed, floats, ints

ROWS_OF_A_SPACE = [
    ints("units", 32, 512, step=32),
    floats("rate", 1e-4, 1e-1, scale="log"),
    choice("optimizer", "adam", "sgd", "rmsprop"),
    fixed("dropout", 0.2),
]
PLAIN = {"parallel": "2", "max_trials": "20"}


def form_of(rows):
    fields = {"sampler": "auto", "pruner": "none", "constraints": ""}
    return ExperimentForm(fields, rows_from_json(rows, {}))


def row_of(filled, name):
    return next(row for row in filled.form.rows if row.fields["name"] == name)


@pytest.mark.parametrize(
    ("key", "text", "name", "expected"),
    [
        ("widen", "units:16:1024", "units", {"min": "16", "max": "1024"}),
        ("widen", "units:64:128", "units", {"min": "32", "max": "512"}),
        ("widen", "units::1024", "units", {"min": "32", "max": "1024"}),
        ("widen", "rate:1e-6:", "rate", {"min": "1e-06", "max": "0.1"}),
        ("narrow", "units:64:9999", "units", {"min": "64", "max": "512"}),
        ("add", "optimizer:adamw,sgd", "optimizer", {"choices": "adam, sgd, rmsprop, adamw"}),
        ("drop", "optimizer:sgd", "optimizer", {"choices": "adam, rmsprop"}),
        ("keep", "optimizer:rmsprop,adam", "optimizer", {"choices": "adam, rmsprop"}),
        ("fix", "units:128", "units", {"tune": "", "value": "128"}),
        ("tune", "dropout:0:0.5", "dropout", {"tune": "1", "min": "0", "max": "0.5"}),
        ("default", "units:64", "units", {"default": "64"}),
    ],
)
def test_each_word_changes_its_row(key, text, name, expected):
    before = rows_from_json([*ROWS_OF_A_SPACE], {})
    before[3].fields.update(min="0", max="0.9")
    filled = fill([(key, text)], PLAIN, ExperimentForm({"constraints": ""}, before))
    assert filled.refused == []
    row = row_of(filled, name)
    assert {part: row.fields[part] for part in expected} == expected


def test_limits_rules_and_methods_are_filled_in_and_named():
    asked = [
        ("slots", "8"),
        ("trials", "100"),
        ("forbid", "units > 512 and dropout > 0.5"),
        ("rule", "units <= 1024"),
        ("sampler", "bayesian"),
        ("page", "3"),
    ]
    filled = fill(asked, PLAIN, form_of(ROWS_OF_A_SPACE))
    assert filled.plain_changes == {"parallel": "8", "max_trials": "100"}
    assert filled.form.fields["constraints"].splitlines() == [
        "not (units > 512 and dropout > 0.5)",
        "units <= 1024",
    ]
    assert filled.names == ["parallel", "max_trials", "constraints", "sampler"]
    assert filled.words == [
        "Parallel trials 8",
        "Trials 100",
        "Constraints",
        "Sampler",
    ]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("widen", "depth:1:3"),
        ("widen", "optimizer:1:3"),
        ("widen", "units:a:3"),
        ("narrow", "units:600:700"),
        ("keep", "optimizer:lion"),
        ("add", "units:3"),
        ("fix", "units"),
        ("slots", "many"),
        ("forbid", " "),
    ],
)
def test_what_cant_be_done_is_told_and_changes_nothing(key, text):
    form = form_of(ROWS_OF_A_SPACE)
    filled = fill([(key, text)], PLAIN, form)
    assert len(filled.refused) == 1
    assert filled.names == [] and filled.form == form and filled.plain == PLAIN


def test_a_link_of_a_newer_format_changes_nothing_and_says_why():
    form = form_of(ROWS_OF_A_SPACE)
    asked = [("format", "3"), ("slots", "8")]
    filled = fill(asked, PLAIN, form)
    assert filled.names == [] and filled.form == form
    (words,) = filled.refused
    assert words.startswith("This link has format 3;") and "Update Tuning Site." in words
    assert fill([("format", "1"), ("slots", "8")], PLAIN, form).names == ["parallel"]


@given(
    st.lists(
        st.tuples(st.sampled_from([*ROWS, "slots", "rule"]), st.text(max_size=30)), max_size=5
    ),
    st.sampled_from(["units", "optimizer", "dropout"]),
)
def test_no_link_breaks_the_page(asked, name):
    asked = [(key, f"{name}:{text}") for key, text in asked]
    filled = fill(asked, PLAIN, form_of(ROWS_OF_A_SPACE))
    assert len(filled.refused) + len(filled.names) <= 2 * len(asked)
    for row in filled.form.rows:
        row.to_json()
