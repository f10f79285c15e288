"""A file's digest is computed once while the file stays what it is."""

import json
import os

import pytest

from experiments import digests
from experiments.digests import (
    SUMS,
    ChangedFile,
    check_folder,
    checked,
    digest_once,
    sums_of,
    write_sums,
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(b"one")
    (folder / "b").write_bytes(b"two")
    (tmp_path / "beside").write_bytes(b"three")
    write_sums(folder, [tmp_path / "beside"])
    return folder


def test_sums_name_every_file_and_what_lies_beside(folder):
    assert list(sums_of(folder)) == ["../beside", "a", "b"]
    check_folder(folder)
    assert checked(folder, "a") == folder / "a"


@pytest.mark.parametrize("name", ["a", "../beside"])
def test_a_change_is_told_with_what_was_expected_and_found(folder, name):
    (folder / name).write_bytes(b"other")
    with pytest.raises(ChangedFile) as caught:
        check_folder(folder)
    assert caught.value.path == folder / name
    assert caught.value.expected == sums_of(folder)[name] != caught.value.found
    (folder / name).unlink()
    with pytest.raises(ChangedFile) as caught:
        checked(folder, name)
    assert caught.value.found == ""


def test_a_file_without_a_sum_is_taken_as_it_is(folder):
    (folder / "c").write_bytes(b"new")
    assert checked(folder, "c").read_bytes() == b"new"
    assert sums_of(folder.parent) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", json.dumps({"../../x": ""}), json.dumps({"/dev/zero": ""})]
)
def test_sums_that_are_none_count_as_changed(folder, text):
    (folder / SUMS).write_text(text)
    with pytest.raises(ChangedFile):
        sums_of(folder)


def test_a_file_is_read_once_until_it_changes(tmp_path):
    path, reads = tmp_path / "file", []

    def digest():
        reads.append(path.read_bytes())
        return "digest"

    assert digest_once([path], digest) == ""
    path.write_bytes(b"1234")
    for _ in range(3):
        assert digest_once([path], digest) == "digest"
    path.write_bytes(b"4321")
    os.utime(path, ns=(1, 1))  # clocks of file systems are coarse
    digest_once([path], digest)
    assert reads == [b"1234", b"4321"]
    path.unlink()
    assert digest_once([path], digest) == ""


def test_what_is_remembered_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "MOST_KNOWN", 2)
    for name in "abcd":
        (tmp_path / name).write_text(name)
        assert digest_once([tmp_path / name], lambda name=name: name) == name
    assert len(digests._known) <= 2
