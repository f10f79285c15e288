"""Errors that calls are rejected with."""

from typing import Literal

Kind = Literal["token", "unknown trial", "old client", "malformed", "trouble"]

UPGRADE = (
    "This script's KerasTuner is too old for Tuning Site. Upgrade it: pip install "
    "--upgrade keras-tuner   (1.2 or newer; 1.4.8 is best)"
)


class Refused(Exception):
    """The text is what the script prints."""

    def __init__(self, kind: Kind, words: str) -> None:
        """`kind` becomes gRPC's status."""
        super().__init__(words)
        self.kind: Kind = kind
