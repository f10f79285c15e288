"""Parses the records of TensorBoard event files.

A record is its length (uint64, little endian), the masked CRC-32C of that, the data and its masked
CRC-32C. Source: `tensorflow/core/lib/io/record_writer.h`; the messages: `event.proto`,
`summary.proto`, `tensor.proto` and `tensorboard/plugins/hparams/plugin_data.proto`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import DecodeError

from experiments.interop.protobuf_messages import message_classes

MASK: Final = 0xA282EAD8
FLOAT, DOUBLE = 1, 2  # of TensorFlow's data types
HPARAMS: Final = "hparams"
_MESSAGES: Final = message_classes(
    "tuning_site.events",
    {
        "Event": "time:double step:int64 summary=5:Summary",
        "Summary": "values:*Scalar",
        "Scalar": "tag:string number:|float tensor=8:|Tensor metadata=9:Metadata",
        "Tensor": "type:int64 content=4:bytes floats=5:*float doubles=6:*double",
        "Metadata": "plugins:*Plugin",
        "Plugin": "name:string content:bytes",
        "HParams": "start=3:Start",
        "Start": "hparams:%Value",
        "Value": "null:|int64 number:|double text:|string truth:|bool",
    },
)


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
    try:
        read = _MESSAGES["Event"].FromString(event)
        for each in read.summary.values:
            value = _scalar(each.tensor) if each.WhichOneof("kind") == "tensor" else each.number
            is_given = each.WhichOneof("kind") is not None
            hparams = _hparams(each.metadata)
            yield Summary(each.tag, read.step, read.time, value if is_given else None, hparams)
    except DecodeError as error:
        raise BrokenRecord("A message is damaged.") from error


def _scalar(tensor: Any) -> float | None:
    """The one number of a tensor; None where it is of another kind."""
    code, numbers = {FLOAT: ("<f", tensor.floats), DOUBLE: ("<d", tensor.doubles)}.get(
        tensor.type, ("", ())
    )
    if code and len(tensor.content) == struct.calcsize(code):
        return float(struct.unpack(code, tensor.content)[0])
    return numbers[0] if len(numbers) == 1 else None


def _hparams(metadata: Any) -> dict[str, Any]:
    """Hyperparameters of a session's start, out of the plugin's data."""
    for plugin in metadata.plugins:
        if plugin.name == HPARAMS:
            given = _MESSAGES["HParams"].FromString(plugin.content).start.hparams
            return {name: _value(each) for name, each in given.items()}
    return {}


def _value(given: Any) -> Any:
    kind = given.WhichOneof("kind")
    return None if kind in (None, "null") else getattr(given, kind)
