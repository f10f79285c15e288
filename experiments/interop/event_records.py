"""Parses the records of TensorBoard event files.

A record is its length (uint64, little endian), the masked CRC-32C of that, the data and its masked
CRC-32C. Source: `tensorflow/core/lib/io/record_writer.h`; the messages: `event.proto`,
`summary.proto` and `tensorboard/plugins/hparams/plugin_data.proto`, read by their field numbers.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

MASK: Final = 0xA282EAD8
FLOAT, DOUBLE = 1, 2  # of TensorFlow's data types
HPARAMS: Final = "hparams"


class BrokenRecord(Exception):
    """The file ends or is damaged here; what came before stands."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One value of an event. hparams: values of a session's start, where it is one."""

    tag: str
    step: int
    time: float
    value: float | None = None
    hparams: dict[str, Any] = field(default_factory=dict)


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        found.append(crc)
    return tuple(found)


TABLE: Final = _table()


def masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli), rotated and offset as records carry it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def records(content: bytes) -> Iterator[bytes]:
    """The data of each record. Raises BrokenRecord at the first that is cut off or damaged."""
    place = 0
    while place < len(content):
        head = content[place : place + 12]
        if len(head) < 12:
            raise BrokenRecord("The file is truncated.")
        length, check = struct.unpack("<QI", head)
        if masked_crc(head[:8]) != check:
            raise BrokenRecord("A checksum is wrong.")
        data = content[place + 12 : place + 12 + length]
        end = content[place + 12 + length : place + 16 + length]
        if len(data) < length or len(end) < 4:
            raise BrokenRecord("The file is truncated.")
        if masked_crc(data) != struct.unpack("<I", end)[0]:
            raise BrokenRecord("A checksum is wrong.")
        yield data
        place += 16 + length


def summaries(event: bytes) -> Iterator[Summary]:
    """The scalars and hyperparameters of an event. Raises BrokenRecord."""
    time, step, values = 0.0, 0, []
    for number, value in _fields(event):
        if number == 1 and isinstance(value, float):
            time = value
        elif number == 2 and isinstance(value, int):
            step = value
        elif number == 5 and isinstance(value, bytes):
            values += [inner for key, inner in _fields(value) if key == 1]
    for value in values:
        if isinstance(value, bytes):
            yield _summary(value, step, time)


def _summary(message: bytes, step: int, time: float) -> Summary:
    tag, found, hparams = "", None, {}
    for number, value in _fields(message):
        if number == 1 and isinstance(value, bytes):
            tag = value.decode("utf-8", "replace")
        elif number == 2 and isinstance(value, float):
            found = value
        elif number == 8 and isinstance(value, bytes):
            found = _scalar(value)
        elif number == 9 and isinstance(value, bytes):
            hparams = _hparams(value)
    return Summary(tag, step, time, found, hparams)


def _scalar(tensor: bytes) -> float | None:
    """The one number of a tensor; None where it is of another kind."""
    kind, content, found = 0, b"", None
    for number, value in _fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, bytes):
            content = value
        elif number in (5, 6) and isinstance(value, float):
            found = value
        elif number in (5, 6) and isinstance(value, bytes):
            content = value  # packed
    for known, code in ((FLOAT, "<f"), (DOUBLE, "<d")):
        if kind == known and len(content) == struct.calcsize(code):
            return float(struct.unpack(code, content)[0])
    return found if kind in (FLOAT, DOUBLE) else None


def _hparams(metadata: bytes) -> dict[str, Any]:
    """Hyperparameters of a session's start, out of the plugin's data."""
    [*plugins] = (v for n, v in _fields(metadata) if n == 1 and isinstance(v, bytes))
    for plugin in plugins:
        parts = dict(_fields(plugin))
        if parts.get(1) == HPARAMS.encode() and isinstance(parts.get(2), bytes):
            start = dict(_fields(parts[2])).get(3)
            if isinstance(start, bytes):
                pairs = (v for n, v in _fields(start) if n == 1 and isinstance(v, bytes))
                return dict(_pair(pair) for pair in pairs)
    return {}


def _pair(entry: bytes) -> tuple[str, Any]:
    parts = dict(_fields(entry))
    name = parts.get(1, b"")
    inner = dict(_fields(parts[2])) if isinstance(parts.get(2), bytes) else {}
    value: Any = None
    if 2 in inner:
        value = inner[2]
    elif isinstance(inner.get(3), bytes):
        value = inner[3].decode("utf-8", "replace")
    elif 4 in inner:
        value = bool(inner[4])
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else "", value


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: int, float (fixed 32 and 64) or bytes."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire == 2:
            length, place = _varint(message, place)
        else:
            length = {1: 8, 5: 4}.get(wire, -1)
        part = message[place : place + length]
        if length < 0 or len(part) < length:
            raise BrokenRecord("A message is damaged.")
        place += length
        yield number, part if wire == 2 else struct.unpack("<d" if wire == 1 else "<f", part)[0]


def _varint(message: bytes, place: int) -> tuple[int, int]:
    found = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found, place
    raise BrokenRecord("A message is damaged.")
