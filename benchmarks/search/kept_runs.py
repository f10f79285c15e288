"""Finished runs in a file, so that they are not run again: one JSON object a line."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec

R = TypeVar("R")
Mark = tuple[Any, ...]

KINDS: Final = ("epochs", "history")  # the first word of their marks; others are of plain searches


class KeptRuns(Generic[R]):
    """The runs of a kind by their marks. kind: one of `KINDS`, or empty for plain searches."""

    def __init__(self, file: Path | None, kind: str, made: type[R]) -> None:
        self.file = file
        self.runs: dict[Mark, R] = {}
        lines = file.read_text().splitlines() if file is not None and file.exists() else ()
        for line in map(json.loads, lines):
            first = line["mark"][0]
            if first == kind if kind else first not in KINDS:
                self.runs[(*line["mark"],)] = msgspec.convert(line["run"], made, str_keys=True)

    def of(self, mark: Mark, run: Callable[[], R]) -> R:
        """The kept run of this mark, or a new one, which is kept."""
        if mark not in self.runs:
            self.runs[mark] = run()
            if self.file is not None:
                with self.file.open("a") as file:
                    line = {"mark": mark, "run": asdict(self.runs[mark])}  # type: ignore[call-overload]
                    file.write(json.dumps(line) + "\n")
        return self.runs[mark]
