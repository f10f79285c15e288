"""Tables become numbers, category indices and targets."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.ingest.columns import ColumnFacts, facts_of
from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import guess_target
from experiments.ingest.prepared import digest_of, write_prepared
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice
from tests.ingest.outcomes import found


def frame(rows: int = 40, **columns):
    import pandas as pd

    base = {
        "size": [i / 2 for i in range(rows)],
        "colour": [("red", "blue", None)[i % 3] for i in range(rows)],
        "bought": ["yes" if i % 2 else "no" for i in range(rows)],
    }
    return pd.DataFrame({**base, **columns})


def test_categories_are_coded_in_order_and_missing_is_minus_one():
    prepared = prepare_table(frame(), TableChoice("bought", "classification"))
    assert prepared.arrays["categories"][:3, 0].tolist() == [1, 0, -1]
    assert prepared.arrays["categories"].dtype == np.int32
    assert prepared.schema.categories[0].categories == ("blue", "red")
    assert prepared.schema.shape == (1, 1)


def test_missing_numbers_are_nan_in_float32():
    sizes = [None if i == 3 else float(i) for i in range(40)]
    numbers = prepare_table(frame(size=sizes), TableChoice("bought", "classification")).arrays[
        "numbers"
    ]
    assert numbers.dtype == np.float32
    assert np.isnan(numbers[3, 0])
    assert np.isfinite(numbers[[0, 1, 2, 4], 0]).all()


def test_number_classes_are_named_without_a_point_and_sorted_by_size():
    classes = prepare_table(
        frame(rows=60, bought=[float((i % 12) + 1) for i in range(60)]),
        TableChoice("bought", "classification"),
    ).schema.classes
    assert classes == tuple(str(i) for i in range(1, 13))


def test_rows_without_a_target_are_left_out_and_told():
    bought = [None if i < 4 else ("yes" if i % 2 else "no") for i in range(40)]
    prepared = prepare_table(frame(bought=bought), TableChoice("bought", "classification"))
    assert prepared.schema.rows == 36
    assert found(prepared)["left_out"] == "4 rows were left out: no usable value of bought."
    assert prepared.arrays["numbers"][0, 0] == 2.0


def test_booleans_are_categories():
    prepared = prepare_table(
        frame(flag=[i % 4 == 0 for i in range(40)]), TableChoice("flag", "classification")
    )
    assert prepared.schema.classes == ("false", "true")


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (TableChoice("nobody", "regression"), "no column named nobody"),
        (TableChoice("colour", "regression"), "regression needs numbers"),
        (TableChoice("same", "classification"), "has a single value.*rows of a second class"),
        (TableChoice("flat", "regression"), "has a single value.*rows with other numbers"),
        (TableChoice("void", "regression"), "void is empty. Fill it"),
        (TableChoice("wide", "classification"), "2,000 unique values"),
        (
            TableChoice("bought", "classification", dict.fromkeys(["size", "colour", "same", "wide"], "skip")),
            "No input column is left",
        ),
        (TableChoice("bought", "classification", {"wide": "category"}), "at most 1,000"),
        (TableChoice("bought", "classification", {"void": "number"}), "void is empty."),
        (TableChoice("bought", "classification", {"void": "category"}), "void is empty."),
    ],
)  # fmt: skip
def test_choices_that_can_not_work_are_refused(choice, told):
    table = frame(rows=2000, same=["x"] * 2000, wide=[f"w{i}" for i in range(2000)])
    table["void"], table["flat"] = np.nan, 2.0
    with pytest.raises(DataRefused, match=told):
        prepare_table(table, choice)


def test_what_is_worth_a_look_is_told():
    import pandas as pd

    table = pd.concat([frame(), frame().head(2)], ignore_index=True)
    table["row_id"] = range(len(table))
    table["same"] = "x"
    table["empty"] = None
    table["sparse"] = [float(i) if i % 10 == 0 else None for i in range(len(table))]
    uses = {"sparse": "number"}
    texts = " ".join(
        found(prepare_table(table, TableChoice("bought", "classification", uses))).values()
    )
    for told in (
        "Column row_id looks like an ID column",
        "Column same has a single value",
        "Column empty is empty and is left out.",
        "Column sparse is missing in 88% of the rows",
    ):
        assert told in texts


def test_a_target_whose_squares_overflow_is_refused():
    table = frame()
    table["huge"] = [float(i) * 1e30 for i in range(len(table))]
    with pytest.raises(DataRefused, match=r"huge has values up to .*a larger unit"):
        prepare_table(table, TableChoice("huge", "regression"))
    assert prepare_table(table, TableChoice("bought", "classification")).profile


def test_an_empty_column_is_no_input_unless_somebody_says_so():
    table = frame()
    table["void"] = np.nan
    prepared = prepare_table(table, TableChoice("bought", "classification"))
    assert "void" not in [column.name for column in prepared.schema.columns]
    assert np.isfinite(prepared.arrays["numbers"]).any(axis=0).all()


def test_a_column_that_is_empty_where_the_target_is_not_is_left_out():
    table = frame()
    table.loc[:4, "bought"] = None
    table["late"] = [float(row) if row < 5 else None for row in range(len(table))]
    choice = TableChoice("bought", "classification", {"late": "number"})
    prepared = prepare_table(table, choice)
    assert "late" not in [column.name for column in prepared.schema.columns]
    assert "Column late has no value in the remaining rows" in found(prepared)["left_out"]


def test_few_rows_in_a_class_are_told():
    bought = ["rare" if i < 3 else "often" for i in range(40)]
    prepared = prepare_table(frame(bought=bought), TableChoice("bought", "classification"))
    assert "Few rows in 1 class: rare (3)." in found(prepared)["classes"]


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ({}, ("bought", "classification")),
        ({"price": [i * 1.37 for i in range(40)]}, ("price", "regression")),
        ({"label": [i % 4 for i in range(40)], "z": range(40)}, ("label", "classification")),
        ({"last": [i * 0.7 for i in range(40)]}, ("last", "regression")),
    ],
)
def test_target_and_task_are_guessed(columns, guess):
    table = frame(**columns)
    assert guess_target(facts_of(table), len(table)) == guess


def test_facts_survive_json():
    for facts in facts_of(frame()):
        assert ColumnFacts.from_dict(facts.to_dict()) == facts


def test_the_digest_follows_content_alone(tmp_path):
    first = prepare_table(frame(), TableChoice("bought", "classification"))
    second = prepare_table(frame(), TableChoice("bought", "classification"))
    other = prepare_table(frame(size=[1.0] * 39 + [2.0]), TableChoice("bought", "classification"))
    assert digest_of(first) == digest_of(second) != digest_of(other)
    assert write_prepared(first, tmp_path / "sets") == write_prepared(second, tmp_path / "sets")
    folders = (tmp_path / "sets").iterdir()
    assert sorted(folder.suffix for folder in folders) == ["", ".keys", ".npy"]


def test_cells_that_no_database_keeps_are_replaced():
    table = frame(colour=["re\0d", "blue"] * 20)
    prepared = prepare_table(table, TableChoice("bought", "classification"))
    assert prepared.schema.categories[0].categories == ("blue", "re\ufffdd")


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(
        st.one_of(st.none(), st.text(alphabet="abc 012.,;", max_size=4)), min_size=12, max_size=30
    )
)
def test_any_column_of_texts_can_be_decoded_again(texts):
    import pandas as pd

    n = len(texts)
    table = pd.DataFrame({"word": pd.Series(texts, dtype=object), "y": [i % 2 for i in range(n)]})
    assume(pd.Series(texts, dtype=object).nunique() > 0)
    prepared = prepare_table(table, TableChoice("y", "classification", {"word": "category"}))
    names = prepared.schema.categories[0].categories
    codes = prepared.arrays["categories"][:, 0]
    decoded = [None if code < 0 else names[code] for code in codes]
    assert decoded == [None if text is None else text.strip() for text in texts]
