"""The rows of the space table: what stands in the form is what the search gets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.problems import SpaceError
from experiments.web.forms.experiment.space_rows import read_rows, rows_from_json
from tests.search.spaces import choice, rows_of_spaces, space_of


@st.composite
def rows_with_orders(draw):
    rows = draw(rows_of_spaces())
    for row in rows:
        if row["type"] == "choice":
            row["ordered"] = draw(st.sampled_from([None, True, False]))
        if row["type"] == "float":  # the form shows twelve digits
            row |= {part: shown(row.get(part)) for part in ("min", "max", "step")}
    return rows


def shown(number):
    return None if number is None else float(f"{number:.12g}")


@given(rows_with_orders())
@settings(max_examples=150, deadline=None)
def test_a_space_comes_back_from_the_form_as_it_was(rows):
    space = space_of(*rows)
    typed = rows_from_json(space.to_dict()["hyperparameters"], {})
    assert space_of(*(row.to_json() for row in typed)) == space
    posted = {f"space-{r.index}-{name}": text for r in typed for name, text in r.fields.items()}
    again = read_rows(posted, [])
    assert space_of(*(row.to_json() for row in again)) == space


@pytest.mark.parametrize("text, ordered", [("1", True), ("0", False), ("", None)])
def test_the_order_of_choices_is_read(text, ordered):
    (row,) = rows_from_json([choice("size", "small", "medium", "large")], {})
    row.fields["ordered"] = text
    (read,) = space_of(row.to_json()).hyperparameters
    assert read.ordered is ordered
    assert read.is_ordered is (ordered is True)


def test_an_order_that_is_none_is_named():
    (row,) = rows_from_json([choice("size", "small", "large")], {})
    row.fields["ordered"] = "maybe"
    with pytest.raises(SpaceError) as caught:
        space_of(row.to_json())
    (problem,) = caught.value.problems
    assert problem.path == "hyperparameters.0.ordered"
    assert '"maybe"' in problem.message
