"""Pickles are read as data and never obeyed."""

import os
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.ingest.errors import DataRefused
from experiments.ingest.safe_pickle import read_object_npz, read_pickle
from tests.keras_files import lists, old_pickle, saved

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(), inner, max_size=3),
    max_leaves=12,
)


@given(PLAIN)
@settings(max_examples=60)
def test_plain_values_are_read_as_they_were(value):
    assert read_pickle(old_pickle(value), "batch") == value


@pytest.mark.parametrize("array", [np.arange(12, dtype=np.uint8).reshape(3, 4), lists([1], [])])
@pytest.mark.parametrize("pickled", [old_pickle, lambda value: pickle.dumps(value, protocol=3)])
def test_arrays_are_read_as_they_were(array, pickled):
    found = read_pickle(pickled(array), "batch")
    assert found.dtype == array.dtype and found.tolist() == array.tolist()


@pytest.mark.parametrize(
    "value", [os.system, eval, np.load, np.random.RandomState, type("Own", (), {})]
)
def test_whatever_else_a_pickle_names_is_refused(value, monkeypatch):
    content = (
        pickle.dumps(value)
        if value.__name__ != "Own"
        else b"c__main__\nOwn\n."  # a class that this program doesn't have
    )
    with pytest.raises(DataRefused, match="can't be read safely"):
        read_pickle(content, "batch")


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_read_or_refused(content):
    try:
        read_pickle(content, "batch")
    except DataRefused as refused:
        assert "batch" in str(refused)


def test_object_arrays_of_an_npz_file_are_read(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(saved(x=lists([1, 2], [3]), y=np.array([0, 1])))
    arrays = read_object_npz(path)
    assert [list(row) for row in arrays["x"]] == [[1, 2], [3]]
    assert arrays["y"].tolist() == [0, 1]
    path.write_bytes(b"PK no archive")
    with pytest.raises(DataRefused, match="n NPZ file"):
        read_object_npz(path)
