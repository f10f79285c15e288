"""Blocks of a report: text, facts or a chart, stored as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

TEXT: Final = "text"
FACTS: Final = {
    "winner": "Winner",
    "trials": "Best trials",
    "findings": "Findings",
    "settings": "Settings and protocol",
}
CHARTS: Final = {
    "best-so-far": "Best so far",
    "learning-curves": "Learning curves of the winner",
    "importance": "Importance",
    "parallel-coordinates": "Parallel coordinates",
    "duration-score": "Score vs. training time",
    "pareto-front": "Pareto front",
}
LABELS: Final = {TEXT: "Text", **FACTS, **CHARTS}
LONGEST_TEXT: Final = 20_000  # characters of one block: the slowest takes half a second to draw


class BlockError(ValueError):
    """A block can't be stored; the text says why, and the fix."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a report, in Markdown (`text`) or of an experiment (its code).

    snapshot: key of the ReportSnapshot that it shows while it is frozen; it stays while it is live.
    Raises BlockError.
    """

    kind: str
    text: str = ""
    experiment: UUID | None = None
    snapshot: int | None = None
    is_live: bool = False

    def __post_init__(self) -> None:
        if self.kind not in LABELS:
            raise BlockError(f"There is no block “{self.kind[:40]}”.")
        if self.kind != TEXT and self.experiment is None:
            raise BlockError(f"{LABELS[self.kind]}: choose an experiment.")
        if self.kind != TEXT and self.snapshot is None and not self.is_live:
            raise BlockError(f"{LABELS[self.kind]}: no data is frozen for it yet.")
        if len(self.text) > LONGEST_TEXT:
            raise BlockError(
                f"The text has {len(self.text):,} characters; at most {LONGEST_TEXT:,} "
                "are allowed. Split it into two blocks."
            )
        if "\0" in self.text or any("\ud800" <= each <= "\udfff" for each in self.text):
            raise BlockError("The text contains a character that can't be stored. Remove it.")

    def to_dict(self) -> dict[str, Any]:
        if self.kind == TEXT:
            return {"kind": TEXT, "text": self.text}
        return {
            "kind": self.kind,
            "experiment": str(self.experiment),
            "snapshot": self.snapshot,
            "live": self.is_live,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Block":
        code = stored.get("experiment")
        return cls(
            kind=stored["kind"],
            text=stored.get("text", ""),
            experiment=UUID(code) if code else None,
            snapshot=stored.get("snapshot"),
            is_live=bool(stored.get("live")),
        )
