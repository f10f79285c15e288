"""Validates untrusted zip files before anything is read.

Nothing is ever extracted by name: members are read into memory, in pieces and counted.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import MB, Limits

ENTRY_MARK = b"PK\x01\x02"
PIECE = 64 * 1024
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
NESTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".jar", ".whl")


def open_archive(path: Path, limits: Limits) -> zipfile.ZipFile:
    """The zip file, after its directory was found sound. Raises DataRefused."""
    _check_signatures(path, limits)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise DataRefused("Not a zip file, or damaged. Zip it again.") from error
    try:
        entries = archive.infolist()
        _check_count(entries, limits)
        for entry in entries:
            _check_name(entry)
            _check_entry(entry, limits)
        _check_duplicates(entries)
        _check_sizes(entries, limits)
        _check_overlap(path, entries, archive.start_dir)
    except BaseException:
        archive.close()
        raise
    return archive


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member's bytes; stops as soon as it holds more than it says."""
    pieces: list[bytes] = []
    read = 0
    try:
        with archive.open(entry) as stream:
            while piece := stream.read(PIECE):
                read += len(piece)
                if read > entry.file_size:
                    break
                pieces.append(piece)
    except UNREADABLE as error:
        raise DataRefused(f"{_shown(entry)} in the zip is damaged. Zip it again.") from error
    if read != entry.file_size:
        raise DataRefused(
            f"{_shown(entry)} has another size than the zip's directory says. Zip it again."
        )
    return b"".join(pieces)


def _check_signatures(path: Path, limits: Limits) -> None:
    """Refuse a huge directory before Python makes an object of each entry.

    Counting the entries' own marks needs no trust in what the end record claims.
    """
    found, rest = 0, b""
    with path.open("rb") as file:
        while piece := file.read(16 * MB):
            found += (rest + piece).count(ENTRY_MARK)
            rest = piece[-3:]
            if found > 2 * limits.entries:
                raise DataRefused(
                    f"The zip has more than {limits.entries:,} entries. Use a smaller zip."
                )


def _check_count(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if not entries:
        raise DataRefused("The zip is empty.")
    if len(entries) > limits.entries:
        raise DataRefused(
            f"The zip has {len(entries):,} entries; at most {limits.entries:,} are allowed."
        )


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    if "\0" in name or not name.isprintable():
        raise DataRefused(f"{_shown(entry)} has unprintable characters in its name. Rename it.")
    parts = name.replace("\\", "/").split("/")
    drive = len(parts[0]) == 2 and parts[0].endswith(":")
    if ".." in parts or name.startswith(("/", "\\")) or drive or "\\" in name:
        raise DataRefused(
            f"{_shown(entry)} has a path outside the zip. Zip the folders themselves."
        )
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode) | stat.S_ISDIR(mode)):
        raise DataRefused(f"{_shown(entry)} is a link, not a file. Zip the file itself.")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    if entry.flag_bits & 0x1:
        raise DataRefused(f"{_shown(entry)} is encrypted. Zip it without a password.")
    if entry.compress_type not in COMPRESSIONS:
        raise DataRefused(
            f"{_shown(entry)} uses an unsupported compression. Use the standard method (deflate)."
        )
    if entry.filename.lower().endswith(NESTED):
        raise DataRefused(
            f"{_shown(entry)} is an archive inside the zip. Unpack it, then zip its files."
        )
    if entry.file_size > limits.member_bytes:
        raise DataRefused(
            f"{_shown(entry)} would unpack to {entry.file_size / MB:,.0f} MB; at most "
            f"{limits.member_bytes // MB} MB are allowed per file."
        )
    _check_ratio(entry.file_size, entry.compress_size, limits, _shown(entry))


def _check_ratio(inflated: int, packed: int, limits: Limits, what: str) -> None:
    if inflated > limits.ratio_from_bytes and inflated > limits.ratio * max(packed, 1):
        raise DataRefused(
            f"{what} would unpack to {inflated / max(packed, 1):,.0f} times its size; "
            f"more than {limits.ratio} times is treated as a zip bomb."
        )


def _check_duplicates(entries: Sequence[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.filename in seen:
            raise DataRefused(f"{_shown(entry)} appears twice in the zip. Rename or remove one.")
        seen.add(entry.filename)


def _check_sizes(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    inflated = sum(entry.file_size for entry in entries)
    if inflated > limits.inflated_bytes:
        raise DataRefused(
            f"The zip would unpack to {inflated / MB:,.0f} MB; at most "
            f"{limits.inflated_bytes // MB:,} MB are allowed."
        )
    _check_ratio(inflated, sum(entry.compress_size for entry in entries), limits, "The zip")


def _check_overlap(path: Path, entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """Entries that share bytes are how small files claim gigabytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset for entry in ordered[1:]] + [directory]
    with path.open("rb") as file:
        for entry, end in zip(ordered, ends, strict=True):
            file.seek(max(0, entry.header_offset))
            header = file.read(30)
            if len(header) < 30 or header[:4] != b"PK\x03\x04":
                raise DataRefused(f"{_shown(entry)} in the zip is damaged. Zip it again.")
            name, extra = struct.unpack("<HH", header[26:30])
            if entry.header_offset + 30 + name + extra + entry.compress_size > end:
                raise DataRefused(
                    f"{_shown(entry)} overlaps another entry, as in zip bombs. Zip it again."
                )


def _shown(entry: zipfile.ZipInfo) -> str:
    plain = "".join(one if one.isprintable() else "�" for one in entry.orig_filename)
    return plain if len(plain) <= 80 else f"{plain[:77]}…"
