"""Messages as length-prefixed JSON frames over a socket, every field checked on arrival.

Never pickle: the sender may be code
that a person brought, and the receiver writes to the database.
"""

import json
import math
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from experiments.training import messages

HEADER = struct.Struct("!I")
FRAME_LIMIT = 1 << 20
LONGEST_WHOLE = 20  # digits, with a sign
UNPAIRED = re.compile(rb"\\u[dD][89a-fA-F]")  # as JSON writes halves of pairs
AnyMessage = messages.Message | messages.HostMessage
Check = Callable[[Any, str], Any]
TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(AnyMessage)}


class FrameError(ValueError):
    """What arrived is not a message: too long, not JSON, an unknown type or a wrong field."""


def encode(message: AnyMessage) -> bytes:
    """Return the frame of `message`. Raises: FrameError for NaN, infinity or too much text."""
    body = {"type": type(message).__name__, **asdict(message)}
    try:
        payload = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError) as error:
        raise FrameError(f"{body['type']} does not fit JSON: {error}") from error
    if len(payload) > FRAME_LIMIT:
        raise FrameError(f"{body['type']} has {len(payload)} bytes, more than {FRAME_LIMIT}")
    return HEADER.pack(len(payload)) + payload


def decode(payload: bytes) -> AnyMessage:
    """Return the message in the body of a frame. Raises: FrameError."""
    try:
        body = json.loads(
            payload.decode(),  # bytes would be read as UTF-16 too, and with half characters
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise FrameError("a frame holds one JSON object")
    if b"\\u0000" in payload or UNPAIRED.search(payload):
        body = _storable(body)
    name = body.pop("type", None)
    if not isinstance(name, str) or name not in TYPES:
        raise FrameError(f"unknown message type {name!r:.80}")
    message: AnyMessage = _check_of(TYPES[name])(body, name)
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
            raise EOFError("the other side of the pipe is gone")
        header += piece
    length = _length(header)
    body = bytearray()
    while len(body) < length:
        piece = sock.recv(length - len(body))
        if not piece:
            raise EOFError("the other side of the pipe went away inside a frame")
        body += piece
    return decode(bytes(body)), descriptors


class FrameReader:
    """Collects bytes as they come and gives the messages that are whole."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what a `recv` gave."""
        self._buffer += data

    def next(self) -> AnyMessage | None:
        """Return the next whole message, or None when more bytes are needed."""
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
    """JSON can write 1e999, which is no number that a database keeps."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _whole(text: str) -> int:
    value = int(text) if len(text) <= LONGEST_WHOLE else None
    if value is None or not -(2**63) <= value < 2**63:
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _storable(value: Any) -> Any:
    """The same without characters that no database keeps: NUL, and halves of pairs."""
    if isinstance(value, str):
        whole = value.encode("utf-8", "replace").decode()
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value


@cache
def _check_of(kind: Any) -> Check:
    """Return the function that turns JSON into `kind` or raises FrameError naming the field."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _check_dataclass(kind)
    origin = get_origin(kind)
    if origin is None:
        return _check_plain(kind)
    return _COMPOUND[origin](get_args(kind))


def _check_dataclass(kind: type) -> Check:
    hints = get_type_hints(kind)
    checks = {field.name: _check_of(hints[field.name]) for field in fields(kind)}

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict) or set(value) != set(checks):
            raise FrameError(f"{path} has not the fields of {kind.__name__}")
        return kind(**{name: checks[name](value[name], f"{path}.{name}") for name in checks})

    return check


def _check_plain(kind: Any) -> Check:
    def check(value: Any, path: str) -> Any:
        if kind is float and type(value) is int:
            return float(value)
        if kind is not Any and type(value) is not kind:
            raise FrameError(f"{path} is not {getattr(kind, '__name__', kind)}")
        return value

    return check


def _check_literal(choices: tuple[Any, ...]) -> Check:
    def check(value: Any, path: str) -> Any:
        if value not in choices:
            raise FrameError(f"{path} is none of {choices}")
        return value

    return check


def _check_union(kinds: tuple[Any, ...]) -> Check:
    checks = [_check_of(kind) for kind in kinds]
    names = " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    # An int must stay an int where both int and float are allowed.
    plain = tuple(kind for kind in kinds if isinstance(kind, type) and not is_dataclass(kind))

    def check(value: Any, path: str) -> Any:
        if type(value) in plain:
            return value
        for one in checks:
            try:
                return one(value, path)
            except FrameError:
                continue
        raise FrameError(f"{path} is not {names}")

    return check


def _check_list(kinds: tuple[Any, ...]) -> Check:
    one = _check_of(kinds[0])

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise FrameError(f"{path} is not a list")
        return [one(item, f"{path}.{index}") for index, item in enumerate(value)]

    return check


def _check_dict(kinds: tuple[Any, ...]) -> Check:
    key, one = _check_of(kinds[0]), _check_of(kinds[1])

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise FrameError(f"{path} is not an object")
        return {key(name, path): one(item, f"{path}.{name}") for name, item in value.items()}

    return check


_COMPOUND: dict[Any, Callable[[tuple[Any, ...]], Check]] = {
    Literal: _check_literal,
    Union: _check_union,
    UnionType: _check_union,
    list: _check_list,
    dict: _check_dict,
}
