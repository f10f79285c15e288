"""Finding: rows on both sides of the split, which make scores too optimistic."""

import hashlib
from typing import Final

from experiments.search.findings.finding import Action, Confidence, Evidence, Finding
from experiments.search.findings.search_state import SearchState

KIND: Final = "leak"
MARKS: Final = ("exact copy", "both sides of the split")


def find(look: SearchState) -> list[Finding]:
    """Return one finding for each leak warning of the split."""
    return [_finding(text) for text in look.warnings if any(mark in text for mark in MARKS)]


def _finding(text: str) -> Finding:
    said = text.partition(". ")[0]
    subject = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Finding(
        kind=KIND,
        subject=subject,
        statement=text,
        gain="Scores then also hold for new rows.",
        evidence=Evidence(shape="bars", x=(), y=(), caption=f"{said}."),
        confidence=Confidence("counted when the split was made"),
        action=Action("protocol", "Show the split", {}),
    )
