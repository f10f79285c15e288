"""Finished runs in a file, so that they are not run again: one JSON object a line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

R = TypeVar("R")
Mark = tuple[Any, ...]

KINDS: Final = ("epochs", "history")  # the first word of their marks; others are of plain searches


def read_kept(
    keep: Path | None, kind: str, from_dict: Callable[[dict[str, Any]], R]
) -> dict[Mark, R]:
    """The runs of a kind by their marks; kind: one of `KINDS`, or empty for plain searches."""
    if keep is None or not keep.exists():
        return {}
    lines = (json.loads(line) for line in keep.read_text().splitlines())
    return {
        (*line["mark"],): from_dict(line["run"])
        for line in lines
        if (line["mark"][0] == kind if kind else line["mark"][0] not in KINDS)
    }


def append_kept(keep: Path | None, mark: Mark, run: dict[str, Any]) -> None:
    """Keep one more."""
    if keep is not None:
        with keep.open("a") as file:
            file.write(json.dumps({"mark": mark, "run": run}) + "\n")
