"""Finding: rows on both sides of the split, which make scores too optimistic."""

import hashlib
from typing import Final

from experiments.check_outcomes import NotChecked, NotFound, found_or
from experiments.search.findings.finding import Action, Confidence, Evidence, Finding, Outcome
from experiments.search.findings.search_state import SearchState

KIND: Final = "leak"
MARKS: Final = ("exact copy", "both sides of the split")
ELSEWHERE: Final = NotChecked("The rows of the split are not known here")


def check(look: SearchState) -> Outcome:
    """One finding for each leak warning of the split."""
    warned = [_finding(text) for text in look.warnings if any(mark in text for mark in MARKS)]
    if not look.rows:
        return found_or(warned, ELSEWHERE)
    rests = f"{look.rows:,} rows compared byte by byte when the split was made; near copies are not looked for"
    return found_or(warned, NotFound((rests,)))


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
