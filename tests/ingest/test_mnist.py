"""The idx format of MNIST's original files."""

import gzip

import numpy as np
import pytest

from experiments.ingest.errors import DataRefused
from experiments.ingest.mnist import read_idx
from tests.keras_files import idx


def test_plain_and_gzipped_files_are_read(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "a").write_bytes(idx(array))
    (tmp_path / "b").write_bytes(gzip.compress(idx(array)))
    assert (read_idx(tmp_path / "a") == array).all()
    assert (read_idx(tmp_path / "b") == array).all()


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DataRefused, match="isn't an idx file"):
        read_idx(tmp_path / "a")


def test_a_cut_file_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(idx(np.zeros((5, 5), np.uint8))[:-1])
    with pytest.raises(DataRefused, match="truncated"):
        read_idx(tmp_path / "a")
