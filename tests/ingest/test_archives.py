"""Zip files of strangers: every trick is refused before anything is unpacked."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from experiments.ingest.archives import open_archive, read_member
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import Limits


def zipped(tmp_path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(DataRefused) as error, open_archive(path, limits or Limits()) as archive:
        for entry in archive.infolist():
            read_member(archive, entry)
    return str(error.value)


def never(*_, **__):
    raise AssertionError("a refused archive is not unpacked")


def test_a_sound_archive_is_read(tmp_path):
    path = zipped(tmp_path, ("a/1.txt", b"one"), ("b/2.txt", b"two" * 1000))
    with open_archive(path, Limits()) as archive:
        assert [read_member(archive, e) for e in archive.infolist()] == [b"one", b"two" * 1000]


@pytest.mark.parametrize(
    "name", ["../a.png", "a/../../b.png", "/etc/a.png", "C:/a.png", "..\\a.png", "\\a.png"]
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    assert "has a path outside the zip" in refused(zipped(tmp_path, (name, b"x")))


def test_control_characters_in_names_are_refused(tmp_path):
    assert "unprintable" in refused(zipped(tmp_path, ("a\x1b[31m.png", b"x")))


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "a/link.png is a link" in refused(zipped(tmp_path, (link, b"/etc/passwd")))


def test_one_name_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = zipped(tmp_path, ("a.png", b"x"), ("a.png", b"y"))
    assert "twice in the zip" in refused(path)


def test_archives_inside_are_refused(tmp_path):
    assert "archive inside the zip" in refused(zipped(tmp_path, ("a/in.zip", b"PK")))


def test_a_bomb_is_refused_by_its_ratio(tmp_path, monkeypatch):
    path = zipped(tmp_path, ("a.png", bytes(50_000_000)))
    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    assert "zip bomb" in refused(path)


def test_sizes_and_counts_are_limited(tmp_path):
    path = zipped(tmp_path, ("a", b"x" * 600), ("b", b"y" * 600))
    assert "would unpack to" in refused(path, Limits(member_bytes=500))
    assert "The zip would unpack to" in refused(path, Limits(inflated_bytes=1000))
    assert "2 entries; at most 1" in refused(path, Limits(entries=1))


def patched(path: Path, find: bytes, at: int, value: bytes) -> Path:
    raw = bytearray(path.read_bytes())
    start = raw.find(find) + at
    raw[start : start + len(value)] = value
    path.write_bytes(bytes(raw))
    return path


def test_encrypted_members_are_refused(tmp_path):
    path = patched(zipped(tmp_path, ("a.png", b"x")), b"PK\x01\x02", 8, b"\x01\x00")
    assert "is encrypted" in refused(path)


def test_unusual_compression_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.png", b"x" * 100)
    assert "uses an unsupported compression" in refused(path)


def test_a_member_that_holds_more_than_it_says_is_refused(tmp_path):
    path = zipped(tmp_path, ("a.png", b"x" * 100_000))
    path = patched(path, b"PK\x01\x02", 24, struct.pack("<I", 10))
    assert "damaged" in refused(path) or "another size" in refused(path)


def test_overlapping_entries_are_refused(tmp_path):
    """Two directory entries over one member, as zip bombs without nesting do it."""
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("aaaa.png", b"x" * 5000)
    raw = one.getvalue()
    directory = raw.find(b"PK\x01\x02")
    end = raw.find(b"PK\x05\x06")
    entry = raw[directory:end]
    twin = entry.replace(b"aaaa.png", b"bbbb.png")
    tail = bytearray(raw[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, len(entry) * 2)
    path = tmp_path / "overlap.zip"
    path.write_bytes(raw[:directory] + entry + twin + bytes(tail))
    assert "overlaps another entry" in refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04 and nothing", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_zip_is_told(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert "zip" in refused(path)


def test_a_cut_archive_is_told(tmp_path):
    path = zipped(tmp_path, ("a.png", b"x" * 10_000), ("b.png", b"y" * 10_000))
    path.write_bytes(path.read_bytes()[:-30])
    assert "Not a zip file, or" in refused(path)


def test_a_damaged_member_is_named(tmp_path):
    path = zipped(tmp_path, ("a.png", bytes(range(256)) * 40))
    path = patched(path, b"PK\x03\x04", 45, b"\xff\xff\xff\xff\xff\xff")
    assert "a.png in the zip is damaged" in refused(path)


def test_a_million_directory_entries_are_counted_not_built(tmp_path, monkeypatch):
    path = tmp_path / "marks.zip"
    path.write_bytes(b"PK\x01\x02" * 300_000 + b"PK\x05\x06" + bytes(18))
    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert "more than 100,000 entries" in refused(path)
