"""Messages as length-prefixed JSON frames over a socket.

Never pickle: the sender may be custom code, and the receiver writes to the database.
"""

import json
import math
import re
import socket
import struct
from dataclasses import asdict, fields
from typing import Any, get_args

import msgspec

from experiments.training import messages

HEADER = struct.Struct("!I")
FRAME_LIMIT = 1 << 20
LONGEST_WHOLE = 20  # digits, with a sign
UNPAIRED = re.compile(rb"\\u[dD][89a-fA-F]")  # lone surrogates in JSON
AnyMessage = messages.Message | messages.HostMessage
TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(AnyMessage)}
FIELDS = {name: {field.name for field in fields(kind)} for name, kind in TYPES.items()}


class FrameError(ValueError):
    """What arrived is not a message: too long, not JSON, an unknown type or a wrong field."""


def encode(message: AnyMessage) -> bytes:
    """Return the frame of `message`. Raises: FrameError for NaN, infinity or too much text."""
    name = type(message).__name__
    body = {"type": name, **{each.name: getattr(message, each.name) for each in fields(message)}}
    try:
        payload = json.dumps(body, allow_nan=False, default=asdict, separators=(",", ":")).encode()
    except (ValueError, TypeError) as error:
        raise FrameError(f"{name} can't be written as JSON: {error}") from error
    if len(payload) > FRAME_LIMIT:
        raise FrameError(f"{name} has {len(payload)} bytes, more than {FRAME_LIMIT}")
    return HEADER.pack(len(payload)) + payload


def decode(payload: bytes) -> AnyMessage:
    """Return the message in the body of a frame. Raises: FrameError."""
    try:
        body = json.loads(
            payload.decode(),  # json.loads would accept bytes in UTF-16, and lone surrogates
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise FrameError("a frame must contain one JSON object")
    if b"\\u0000" in payload or UNPAIRED.search(payload):
        body = _storable(body)
    name = body.pop("type", None)
    if not isinstance(name, str) or name not in TYPES:
        raise FrameError(f"unknown message type {name!r:.80}")
    if body.keys() != FIELDS[name]:
        raise FrameError(f"{name} doesn't have the fields of its type")
    try:
        message: AnyMessage = msgspec.convert(body, TYPES[name])
    except msgspec.ValidationError as error:
        raise FrameError(f"{name}: {error}") from error
    return message


def send(sock: socket.socket, message: AnyMessage, descriptors: tuple[int, ...] = ()) -> None:
    """Write one frame; open descriptors travel with its header (SCM_RIGHTS)."""
    frame = encode(message)
    if descriptors:
        sent = socket.send_fds(sock, [frame[: HEADER.size]], list(descriptors))
        frame = frame[sent:]
    sock.sendall(frame)


def receive(sock: socket.socket) -> AnyMessage:
    """Read one frame, blocking. Raises: EOFError when the other side is gone, FrameError."""
    message, _ = receive_with_descriptors(sock, 0)
    return message


def receive_with_descriptors(sock: socket.socket, count: int) -> tuple[AnyMessage, list[int]]:
    """Read one frame and up to `count` descriptors that came with it, blocking."""
    descriptors: list[int] = []
    header = b""
    while len(header) < HEADER.size:
        if count:
            piece, received, _, _ = socket.recv_fds(sock, HEADER.size - len(header), count)
            descriptors += received
        else:
            piece = sock.recv(HEADER.size - len(header))
        if not piece:
            raise EOFError("the other end of the pipe is closed")
        header += piece
    length = _length(header)
    body = bytearray()
    while len(body) < length:
        piece = sock.recv(length - len(body))
        if not piece:
            raise EOFError("the other end of the pipe closed inside a frame")
        body += piece
    return decode(bytes(body)), descriptors


class FrameReader:
    """Collects bytes as they come and gives the messages that are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> AnyMessage | None:
        if len(self._buffer) < HEADER.size:
            return None
        end = HEADER.size + _length(bytes(self._buffer[: HEADER.size]))
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return decode(payload)


def _length(header: bytes) -> int:
    length: int = HEADER.unpack(header)[0]
    if length > FRAME_LIMIT:
        raise FrameError(f"a frame of {length} bytes, more than {FRAME_LIMIT}")
    return length


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    """JSON can write 1e999, which no database stores."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _whole(text: str) -> int:
    value = int(text) if len(text) <= LONGEST_WHOLE else None
    if value is None or not -(2**63) <= value < 2**63:
        raise ValueError(f"{text[:20]} is too large")
    return value


def _storable(value: Any) -> Any:
    """The same without characters that no database stores: NUL and lone surrogates."""
    if isinstance(value, str):
        whole = value.encode("utf-8", "replace").decode()
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value
