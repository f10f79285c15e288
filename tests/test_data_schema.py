"""What a dataset version says of itself."""

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.data_schema import Column, DataSchema, SchemaError, Target, keys_of

IMAGE = DataSchema(
    kind="image",
    task="classification",
    shape=(28, 28, 1),
    scale=255.0,
    classes=tuple("0123456789"),
    rows=60_000,
    test_rows=10_000,
)
TABLE = DataSchema(
    kind="table",
    task="regression",
    shape=(2, 1),
    target="price",
    columns=(
        Column("rooms", "number"),
        Column("street", "category", ("A", "B")),
        Column("area", "number"),
    ),
    rows=506,
)
SEVERAL = replace(TABLE, more_targets=(Target("sold", "classification", ("no", "yes")),))
TEXT = DataSchema(
    kind="text",
    task="classification",
    shape=(256,),
    classes=("negative", "positive"),
    rows=25_000,
    vocabulary=10_000,
)


def test_only_texts_have_a_vocabulary():
    assert "vocabulary" not in IMAGE.to_dict()  # else the digests of earlier data would change
    for wrong in (TEXT.to_dict() | {"vocabulary": 0}, TABLE.to_dict() | {"vocabulary": 9}):
        with pytest.raises(SchemaError, match="Texts need at least two words"):
            DataSchema.from_dict(wrong)


@pytest.mark.parametrize("schema", [IMAGE, TABLE, TEXT, SEVERAL])
def test_a_schema_survives_json(schema):
    assert DataSchema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema


def test_targets_have_names_that_code_can_bear():
    names = ["Price (€)", "price", "3", "val_x", "loss", "größe", "価格", "a" * 90]
    assert keys_of(names) == (
        "price", "price_2", "target_3", "target_val_x", "target_loss", "groe", "target_7",
        "a" * 20,
    )  # fmt: skip


@given(st.lists(st.text(min_size=1, max_size=30), max_size=20, unique=True))
def test_each_target_has_a_key_of_its_own(names):
    keys = keys_of(names)
    assert len(set(keys)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys)
    assert not any(key.startswith("val_") for key in keys)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "array", "shape": [3], "columns": []}, "Only tables"),
        ({"more_targets": [{"name": "rooms", "task": "regression"}]}, "an input or a target"),
        ({"more_targets": [{"name": "price", "task": "regression"}]}, "an input or a target"),
        ({"more_targets": [{"name": "sold", "task": "classification"}]}, "two classes"),
        ({"more_targets": [{"name": "sold", "task": "ranking"}]}, "task"),
    ],
)
def test_targets_that_make_no_sense_are_refused(changes, words):
    assert DataSchema.from_dict(SEVERAL.to_dict()).keys == ("price", "sold")
    with pytest.raises(SchemaError) as caught:
        DataSchema.from_dict(SEVERAL.to_dict() | changes)
    assert words in str(caught.value) or words in str(caught.value.problems)


def test_columns_by_type_keep_the_order_of_their_arrays():
    assert [column.name for column in TABLE.numbers] == ["rooms", "area"]
    assert [column.name for column in TABLE.categories] == ["street"]
    assert (IMAGE.classes_count, TABLE.classes_count) == (10, 0)


@pytest.mark.parametrize(
    ("schema", "changes", "path"),
    [
        (IMAGE, {"kind": "video"}, "kind"),
        (IMAGE, {"task": "ranking"}, "task"),
        (IMAGE, {"shape": [28, 28]}, "shape"),
        (IMAGE, {"shape": [28, 0, 1]}, "shape"),
        (IMAGE, {"shape": [28, "x", 1]}, "shape.1"),
        (IMAGE, {"shape": 28}, "shape"),
        (IMAGE, {"scale": 0}, "scale"),
        (IMAGE, {"scale": math.nan}, "scale"),
        (IMAGE, {"classes": ["a"]}, "classes"),
        (IMAGE, {"classes": ["a", "a"]}, "classes"),
        (IMAGE, {"classes": [1, 2]}, "classes"),
        (IMAGE, {"rows": -1}, "rows"),
        (IMAGE, {"test_rows": 1.5}, "test_rows"),
        (TABLE, {"classes": ["a", "b"]}, "classes"),
        (TABLE, {"columns": []}, "columns"),
        (TABLE, {"shape": [1, 1]}, "shape"),
        (TABLE, {"columns": [{"name": "a", "type": "date"}]}, "columns.0.type"),
        (TABLE, {"columns": [{"name": "", "type": "number"}]}, "columns.0.name"),
        (TABLE, {"columns": ["a"]}, "columns.0"),
        (TABLE, {"columns": [{"name": "a", "type": "number"}] * 2}, "columns"),
    ],
)
def test_a_schema_that_describes_nothing_is_refused(schema, changes, path):
    with pytest.raises(SchemaError) as error:
        DataSchema.from_dict(schema.to_dict() | changes)
    assert path in [problem.path for problem in error.value.problems]


@pytest.mark.parametrize("source", [None, [], "x", {}])
def test_what_is_no_schema_is_refused(source):
    with pytest.raises(SchemaError):
        DataSchema.from_dict(source)
