"""Parses the messages of calls, and detects clients that are too old."""

from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from experiments.chief.refusals import UPGRADE, Refused
from experiments.interop.keras_tuner.proto import METHODS, read

OLD_STATUS = 2  # EndTrial up to 1.1 was a trial's id and, in this field, its status


def read_call(method: str, content: bytes) -> Any:
    """The message that the method is sent. Raises Refused."""
    kind = METHODS[method][0]
    try:
        message = read(kind, content)
    except DecodeError as error:
        if method == "EndTrial":
            raise Refused("old client", UPGRADE) from error
        raise Refused("malformed", f"{method} expects {kind}; got another message.") from error
    old = method == "EndTrial" and any(
        field.field_number == OLD_STATUS for field in UnknownFieldSet(message)
    )
    if old:
        raise Refused("old client", UPGRADE)
    return message
