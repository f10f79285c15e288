"""NPZ files: headers first, never a pickle; shapes decide what they become."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from experiments.ingest.arrays import ArrayChoice, guess_arrays, prepare_npz
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import Limits
from experiments.ingest.npz import inspect_npz
from tests.steps import steps_of


def saved(tmp_path, **arrays) -> Path:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, **arrays)
    return path


def refused(call, *arguments) -> str:
    with pytest.raises(DataRefused) as error:
        call(*arguments)
    return str(error.value)


def header_only(tmp_path, header: str) -> Path:
    body = header.encode().ljust(118) + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", content)
    return path


def test_objects_are_refused_and_nothing_runs(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    path = saved(tmp_path, x=np.array([Trap()], dtype=object), y=np.zeros(1))
    assert "Array x contains Python objects" in refused(inspect_npz, path)
    assert not (tmp_path / "sprung").exists()


def test_a_header_that_claims_terabytes_is_refused_before_anything_is_read(tmp_path):
    path = header_only(
        tmp_path, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    )
    assert "Array x takes 7,629,395 MB" in refused(inspect_npz, path)
    assert steps_of(lambda: refused(inspect_npz, path)) < 2000


def test_a_header_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    path = header_only(tmp_path, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }")
    assert "has more values than the file contains" in refused(inspect_npz, path)


def test_a_bomb_is_refused(tmp_path):
    assert "zip bomb" in refused(inspect_npz, saved(tmp_path, x=np.zeros(20_000_000)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x80\x04\x95pickle", "n NPZ file"),
        (b"\x93NUMPY\x01\x00", "a single .npy array"),
        (b"PK but no zip", "a zip file"),
    ],
)
def test_other_files_by_that_name_are_told(tmp_path, content, told):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    assert told in refused(inspect_npz, path)


def test_a_zip_of_other_things_is_no_npz(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    assert "config.json isn't an array" in refused(inspect_npz, path)


def test_complex_and_structured_numbers_are_refused(tmp_path):
    assert "has the type" in refused(inspect_npz, saved(tmp_path, x=np.zeros(3, complex)))
    structured = np.zeros(3, dtype=[("a", "i4"), ("b", "f4")])
    assert "has the type" in refused(inspect_npz, saved(tmp_path, x=structured))


@pytest.mark.parametrize(
    ("names", "guess"),
    [
        (("x", "y"), ("x", "y")),
        (("X", "y"), ("X", "y")),
        (("images", "labels"), ("images", "labels")),
        (("first", "second"), ("first", "second")),
    ],
)
def test_inputs_and_targets_are_guessed(tmp_path, names, guess):
    path = saved(tmp_path, **{names[0]: np.zeros((20, 4)), names[1]: np.arange(20) % 2})
    found = guess_arrays(inspect_npz(path))
    assert (found.x, found.y, found.task) == (*guess, "classification")


def test_two_axes_become_a_table(tmp_path):
    path = saved(tmp_path, x=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 2)
    prepared = prepare_npz(path, ArrayChoice("x", "y", "classification"))
    assert prepared.schema.kind == "table"
    assert [column.name for column in prepared.schema.columns] == [
        "feature_1", "feature_2", "feature_3",
    ]  # fmt: skip


def test_bytes_in_three_axes_become_images_with_their_test_part(tmp_path):
    rng = np.random.default_rng(1)
    path = saved(
        tmp_path,
        x_train=rng.integers(0, 255, (30, 5, 4), dtype=np.uint8),
        y_train=np.arange(30) % 3,
        x_test=rng.integers(0, 255, (12, 5, 4), dtype=np.uint8),
        y_test=np.arange(12) % 3,
    )
    prepared = prepare_npz(path, guess_arrays(inspect_npz(path)))
    assert (prepared.schema.kind, prepared.schema.shape) == ("image", (5, 4, 1))
    assert prepared.schema.test_rows == 12


def test_a_validation_part_is_the_last_rows_whatever_the_kind(tmp_path):
    rng = np.random.default_rng(1)
    for inputs in (rng.integers(0, 255, (30, 5, 4), dtype=np.uint8), rng.random((30, 5))):
        path = saved(
            tmp_path,
            x_train=inputs,
            y_train=np.arange(30) % 3,
            x_val=inputs[:12],
            y_val=np.arange(12) % 2,
            x_test=inputs[:10],
            y_test=np.arange(10) % 3,
        )
        prepared = prepare_npz(path, guess_arrays(inspect_npz(path)))
        schema = prepared.schema
        assert (schema.rows, schema.validation_rows, schema.test_rows) == (42, 12, 10)
        assert prepared.arrays["y"][30:].tolist() == [0, 1] * 6


def test_a_class_that_is_only_validated_is_refused(tmp_path):
    x = np.zeros((20, 3, 2))
    path = saved(tmp_path, x=x, y=np.arange(20) % 2, x_val=x, y_val=np.arange(20) % 3)
    choice = guess_arrays(inspect_npz(path))
    assert (choice.x_validation, choice.y_validation) == ("x_val", "y_val")
    assert "Class 2 appears in y_val only" in refused(prepare_npz, path, choice)


def test_floats_of_three_axes_stay_arrays(tmp_path):
    path = saved(tmp_path, x=np.ones((20, 7, 2)), y=np.linspace(0, 1, 20))
    prepared = prepare_npz(path, ArrayChoice("x", "y", "regression"))
    assert (prepared.schema.kind, prepared.arrays["x"].dtype) == ("array", np.float32)
    assert prepared.arrays["y"].dtype == np.float32


def test_one_hot_texts_and_columns_are_understood_as_targets(tmp_path):
    x = np.ones((20, 7, 2))
    for y, classes in (
        (np.eye(4)[np.arange(20) % 4], ("0", "1", "2", "3")),
        (np.array(["b", "a"] * 10), ("a", "b")),
        ((np.arange(20) % 2)[:, None], ("0", "1")),
        (np.array([5, 9] * 10, dtype=np.uint8), ("5", "9")),
    ):
        prepared = prepare_npz(saved(tmp_path, x=x, y=y), ArrayChoice("x", "y", "classification"))
        assert prepared.schema.classes == classes
        assert prepared.arrays["y"].dtype == np.int64


@pytest.mark.parametrize(
    ("arrays", "task", "told"),
    [
        (
            {"x": np.zeros((20, 3)), "y": np.arange(19)},
            "classification",
            "has 20 rows, but y has 19",
        ),
        ({"x": np.zeros(20), "y": np.arange(20)}, "classification", "has one axis"),
        (
            {"x": np.zeros((20, 0)), "y": np.arange(20)},
            "classification",
            "an empty axis",
        ),
        ({"x": np.zeros((5, 3)), "y": np.arange(5)}, "classification", "at least 10"),
        ({"x": np.zeros((20, 3)), "y": np.zeros(20)}, "classification", "a single value"),
        ({"x": np.zeros((20, 3, 2)), "y": np.zeros(20)}, "classification", "a single class"),
        ({"x": np.zeros((20, 3, 2)), "y": np.zeros(20)}, "regression", "a single value"),
        ({"x": np.zeros((20, 3, 2)), "y": np.zeros((20, 3))}, "regression", "one target per row"),
        ({"x": np.full((20, 3, 2), np.nan), "y": np.arange(20)}, "regression", "NaN or infinite"),
        ({"x": np.array([["a", "b"]] * 20), "y": np.arange(20)}, "regression", "contains text"),
        (
            {"x": np.zeros((20, 3, 2)), "y": np.array(["a", "b"] * 10)},
            "regression",
            "regression needs numbers",
        ),
        (
            {"x": np.zeros((20, 3, 2)), "y": np.arange(20) * 1e30},
            "regression",
            "has values up to 1.9e\\+31.*below 1e\\+15",
        ),
        (
            {"x": np.zeros((1100, 3, 2)), "y": np.arange(1100)},
            "classification",
            "1,100 unique values",
        ),
    ],
)
def test_what_can_not_be_learnt_is_told(tmp_path, arrays, task, told):
    path = saved(tmp_path, **arrays)
    assert re.search(told, refused(prepare_npz, path, ArrayChoice("x", "y", task)))


def test_a_test_class_that_is_never_trained_is_refused(tmp_path):
    x = np.zeros((20, 3, 2))
    path = saved(tmp_path, x=x, y=np.arange(20) % 2, x_test=x, y_test=np.arange(20) % 3)
    choice = ArrayChoice("x", "y", "classification", "x_test", "y_test")
    assert "Class 2 appears in y_test only" in refused(prepare_npz, path, choice)


def test_limits_count_the_unpacked_size(tmp_path):
    path = saved(tmp_path, x=np.random.default_rng(1).random((200, 10)), y=np.arange(200))
    assert "at most" in refused(inspect_npz, path, Limits(inflated_bytes=10_000))


def test_an_array_cut_short_is_told(tmp_path):
    stream = io.BytesIO()
    np.save(stream, np.zeros((20, 3)))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", stream.getvalue()[:-100])
        archive.writestr("y.npy", stream.getvalue())
    assert "has more values" in refused(inspect_npz, path)


def test_texts_that_are_shown_alike_are_one_class(tmp_path):
    y = np.array(["a", "a ", "b", "b\ud800"] * 5)
    prepared = prepare_npz(
        saved(tmp_path, x=np.ones((20, 7, 2)), y=y), ArrayChoice("x", "y", "classification")
    )
    assert prepared.schema.classes == ("a", "b", "b?")
    assert prepared.arrays["y"][:4].tolist() == [0, 0, 1, 2]
