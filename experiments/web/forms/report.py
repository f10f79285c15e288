"""Room: web. The form of a report: its blocks as they were typed, moved, removed and added; nothing is lost on the way.

Every button posts the whole form. Only "save" writes; the others answer with the form as it then is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from experiments.models import Report
from experiments.models.report_block import FACTS, LABELS, TEXT, Block, BlockError
from experiments.search.reading import read_code
from experiments.services.experiments.reports import MOST_BLOCKS, PENDING

Mode = Literal["frozen", "fresh", "live"]
MODES: Final[tuple[Mode, ...]] = ("frozen", "fresh", "live")
DIGITS: Final = 18  # of a key or a revision: what a database can hold


@dataclass(frozen=True, slots=True)
class Row:
    """One block in the form. mode fresh: it is frozen anew as the form is saved.

    removed: it goes as the form is saved, and can be put back until then.
    """

    kind: str
    text: str = ""
    experiment: str = ""
    snapshot: int | None = None
    mode: Mode = "frozen"
    removed: bool = False

    @property
    def label(self) -> str:
        """What it is called."""
        return LABELS.get(self.kind, self.kind)

    @property
    def is_text(self) -> bool:
        """Whether people write it."""
        return self.kind == TEXT

    @property
    def noun(self) -> str:
        """What kind of thing is frozen."""
        return "part" if self.kind in FACTS else "chart"


@dataclass(frozen=True, slots=True)
class ReportForm:
    """A report as it stands in somebody's browser. at: the row that was acted on last, 1-based."""

    title: str
    revision: int
    rows: tuple[Row, ...]
    at: int = 0

    @classmethod
    def of(cls, report: Report) -> "ReportForm":
        """As it is stored."""
        rows = tuple(
            Row(
                kind=block.kind,
                text=block.text,
                experiment=str(block.experiment or ""),
                snapshot=block.snapshot,
                mode="live" if block.is_live else "frozen",
            )
            for block in report.blocks
        )
        return cls(report.title, report.revision, rows)

    @classmethod
    def posted(cls, fields: Mapping[str, str]) -> "ReportForm":
        """As it was sent; rows beyond what a report may have are kept, and refused when saved."""
        count = min(_whole(fields.get("count", "")) or 0, 2 * MOST_BLOCKS)
        rows = tuple(_row(fields, f"b{number}-") for number in range(1, count + 1))
        return cls(fields.get("title", ""), _whole(fields.get("revision", "")) or 0, rows)

    def acted(self, act: str, fields: Mapping[str, str]) -> "ReportForm":
        """After a button: up-3, down-3, remove-3, back-3, text-3 (behind block 3; 0: first), add."""
        verb, _, digits = act.partition("-")
        place = (_whole(digits) or 0) - 1
        if verb == "text":
            return self._with(Row(TEXT), min(max(place + 1, 0), len(self.rows)))
        if verb == "add":
            kind, code = fields.get("add-kind", ""), fields.get("add-experiment", "")
            row = Row(TEXT) if kind == TEXT else Row(kind, experiment=code, mode="fresh")
            return self._with(row, len(self.rows)) if kind in LABELS else self
        if not 0 <= place < len(self.rows):
            return self
        if verb in ("remove", "back"):
            row = replace(self.rows[place], removed=verb == "remove")
            return replace(self, rows=_replaced(self.rows, place, row), at=place + 1)
        other = place + {"up": -1, "down": 1}.get(verb, 0)
        if not 0 <= other < len(self.rows):
            return replace(self, at=place + 1)
        rows = list(self.rows)
        rows[place], rows[other] = rows[other], rows[place]
        return replace(self, rows=tuple(rows), at=other + 1)

    def _with(self, row: Row, place: int) -> "ReportForm":
        rows = (*self.rows[:place], row, *self.rows[place:])
        return replace(self, rows=rows, at=place + 1)

    def read(
        self, known: Mapping[str, UUID], snapshots: Mapping[int, str], *, preview: bool = False
    ) -> tuple[list[Block], set[UUID]]:
        """Blocks, and the experiments to freeze anew. Raises BlockError with the number of the block.

        known: experiments of the project by code. snapshots: experiments' codes of the report's
        snapshots. preview: what is still to be frozen is shown as it is now.
        """
        blocks, fresh = [], set()
        for number, row in enumerate(self.rows, start=1):
            if row.removed:
                continue
            try:
                block = _block(row, known, snapshots, preview=preview)
            except BlockError as error:
                raise BlockError(f"Block {number}: {error}") from error
            if block.snapshot == PENDING and block.experiment is not None:
                fresh.add(block.experiment)
            blocks.append(block)
        return blocks, fresh


def _block(
    row: Row, known: Mapping[str, UUID], snapshots: Mapping[int, str], *, preview: bool
) -> Block:
    if row.is_text:
        return Block(TEXT, text=row.text)
    snapshot = row.snapshot if row.snapshot in snapshots else None
    is_frozen = row.mode == "frozen" and snapshot is not None
    if row.experiment not in known:
        # The experiment may be gone: what was frozen of it stays.
        if is_frozen and snapshot is not None:
            return Block(row.kind, experiment=_code(row.experiment), snapshot=snapshot)
        raise BlockError(f"{row.label}: choose an experiment of this project.")
    code = known[row.experiment]
    if is_frozen and snapshot is not None and snapshots[snapshot] != row.experiment:
        raise BlockError(f"{row.label}: its snapshot belongs to another experiment.")
    if row.mode == "live":
        return Block(row.kind, experiment=code, snapshot=snapshot, is_live=True)
    if is_frozen:
        return Block(row.kind, experiment=code, snapshot=snapshot)
    if preview:
        return Block(row.kind, experiment=code, is_live=True)
    return Block(row.kind, experiment=code, snapshot=PENDING)


def _row(fields: Mapping[str, str], name: str) -> Row:
    mode = fields.get(f"{name}mode", "frozen")
    return Row(
        kind=fields.get(f"{name}kind", TEXT),
        text=fields.get(f"{name}text", "").replace("\r\n", "\n"),
        experiment=fields.get(f"{name}experiment", ""),
        snapshot=_whole(fields.get(f"{name}snapshot", "")),
        mode=next((each for each in MODES if each == mode), "frozen"),
        removed=fields.get(f"{name}removed") == "1",
    )


def _replaced(rows: Sequence[Row], place: int, row: Row) -> tuple[Row, ...]:
    return (*rows[:place], row, *rows[place + 1 :])


def _whole(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if is_number else None


def _code(text: str) -> UUID:
    code = read_code(text)
    if code is None:
        raise BlockError("Choose an experiment.")
    return code
