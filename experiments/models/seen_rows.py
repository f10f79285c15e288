"""Which rows earlier reveals of a project showed: look-ups in its ledger."""

from dataclasses import dataclass

import numpy as np

from experiments.evaluation.row_content import Content
from experiments.models.project import Project
from experiments.models.reveal import Reveal, RevealedRows

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SeenRows:
    """How many of `rows` rows reveals of a project showed, and these reveals, the oldest first."""

    rows: int
    seen: int
    reveals: tuple[Reveal, ...] = ()

    @property
    def share(self) -> str:
        """As in "87 of 114"."""
        return f"{self.seen:,} of {self.rows:,}"

    @property
    def by_whom(self) -> str:
        """Who, when and for what, the newest first: "by anna on 2026-12-02 for “Digits”"."""
        named = [
            f"by {reveal.person} on {reveal.created:%Y-%m-%d} for “{reveal.experiment.name}”"
            for reveal in self.reveals[: -MOST_NAMED - 1 : -1]
        ]
        more = len(self.reveals) - len(named)
        return "; ".join([*named, *([f"and {more:,} earlier"] if more else [])])


@dataclass(frozen=True, slots=True)
class SeenSplit:
    """Of the locked test rows, and of all other rows of a split: which were revealed."""

    locked: SeenRows
    others: SeenRows

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence about the locked rows and one about the others, where any were revealed."""
        said = []
        if self.locked.seen:
            said.append(
                f"{self.locked.share} locked test rows have been revealed ({self.locked.by_whom})."
            )
        if self.others.seen:
            said.append(
                f"{self.others.share} training and validation rows were in a test set that was "
                f"revealed: they are no longer unseen ({self.others.by_whom})."
            )
        return tuple(said)


def seen_rows(project: Project, content: Content, *, before: Reveal | None = None) -> SeenRows:
    """Look rows up in the project's ledger; other projects' reveals stay unknown.

    content: the digest of each row. before: only reveals older than this one count. Reveals whose
    scoring failed showed nothing.
    """
    ledger = RevealedRows.objects.filter(reveal__experiment__project=project)
    ledger = ledger.exclude(reveal__state=Reveal.State.FAILED)
    if before is not None:
        ledger = ledger.filter(reveal__pk__lt=before.pk)
    related = ledger.select_related("reveal__experiment", "reveal__revealed_by")
    is_seen, reveals = np.zeros(len(content), dtype=bool), []
    for one in related.order_by("reveal") if len(content) else ():
        shown = np.isin(content, one.content)
        if shown.any():
            reveals.append(one.reveal)
            is_seen |= shown
    return SeenRows(len(content), int(is_seen.sum()), tuple(reveals))


def seen_split(project: Project, locked: Content, others: Content) -> SeenSplit:
    """Look both sides of a split up."""
    return SeenSplit(seen_rows(project, locked), seen_rows(project, others))


def seen_earlier(reveal: Reveal) -> SeenRows:
    """Which of a reveal's rows earlier reveals had shown."""
    shown = RevealedRows.objects.filter(reveal=reveal).first()
    if shown is None:  # from a time before the ledger, and its split's file was gone
        return SeenRows(0, 0)
    return seen_rows(reveal.experiment.project, shown.content, before=reveal)
