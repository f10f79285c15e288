"""The protocol of an experiment: split, repeats, fold racing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from experiments.evaluation.fold_racing import FEWEST
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.split_feasibility import column_problem, empty_part, too_few_for_folds
from experiments.search.declarations import PERCENT, Part, declaration_of, read_part, value
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader

ProtocolKind = Literal["holdout", "k_fold", "subsampling", "fixed", "all_rows"]
Respecting = Literal["none", "classes", "groups", "stratified_groups", "time"]

ALL_ROWS: ProtocolKind = "all_rows"
MOST_REPEATS = 100
MOST_FOLDS = 20
MOST_ROUNDS = 50
MOST_SHARE = 0.95
LONGEST_COLUMN = 200


class ProtocolError(ProblemsError):
    """A protocol that can't be used, or not with these rows."""


@dataclass(frozen=True, slots=True)
class Protocol(Part):
    """The same parts for every trial, `repeats` seeds on each.

    kind: holdout (one validation part), k_fold (`folds` batches of cross-validation: every row is
    validated once), subsampling (`rounds` rounds, each with validation rows drawn anew), fixed (the
    dataset's own validation part), all_rows (a refit: trained on everything but the locked test
    part, validated on nothing).
    validation_share: of the rows left after the locked test part, for holdout and subsampling.
    locked_test_share: of all rows that the dataset doesn't keep for validation; None = the data
    set's own test part is the locked one; 0 = none is held back.
    racing: a trial that can't win any more loses its remaining executions, where there are three
    or more.
    respecting: classes (each keeps its share in each part; nothing to a regression), groups (rows
    with the same value in `column` stay together), stratified_groups (they do, and each class keeps
    its share as nearly as that allows), time (by `column`: the validation rows are later
    than the training rows, the locked ones the newest; k_fold trains on all blocks before each).
    """

    kind: ProtocolKind = value(
        "holdout",
        label="Split",
        choices={
            "holdout": "one validation set",
            "k_fold": "k-fold",
            "subsampling": "random subsampling",
            "fixed": "dataset’s own validation set",
            ALL_ROWS: "all rows",
        },
        field="protocol_kind",
    )
    validation_share: float = value(
        0.2,
        label="Validation share",
        unit=PERCENT,
        lowest=0.0,
        highest=MOST_SHARE,
        field="validation_percent",
        shown_if=("kind", ("holdout", "subsampling")),
    )
    folds: int = value(
        5, label="Folds", lowest=2, highest=MOST_FOLDS, shown_if=("kind", ("k_fold",))
    )
    rounds: int = value(
        5, label="Rounds", lowest=2, highest=MOST_ROUNDS, shown_if=("kind", ("subsampling",))
    )
    repeats: int = value(1, label="Repeats (seeds)", lowest=1, highest=MOST_REPEATS)
    racing: bool = value(
        True,
        label="Fold racing",
        help="From three executions a trial on: a trial that can’t win skips its remaining ones.",
    )
    locked_test_share: float | None = value(
        0.2,
        label="Locked test share",
        help="Share of the rows that no trial reads.",
        unit=PERCENT,
        lowest=0.0,
        highest=MOST_SHARE,
        unset="dataset’s own",
        field="locked_percent",
    )
    respecting: Respecting = value(
        "classes",
        label="Split by",
        choices={
            "none": "random",
            "classes": "stratified (classes)",
            "groups": "grouped",
            "stratified_groups": "grouped and stratified",
            "time": "time-ordered",
        },
    )
    column: str = value(
        "",
        label="Split column",
        longest=LONGEST_COLUMN,
        unset="choose one",
        field="split_column",
        shown_if=("respecting", ("groups", "stratified_groups", "time")),
    )

    @property
    def executions(self) -> int:
        """Executions of each trial: parts × repeats."""
        return self.parts_count * self.repeats

    @property
    def parts_count(self) -> int:
        """How many (training, validation) parts a split has."""
        return {"k_fold": self.folds, "subsampling": self.rounds}.get(self.kind, 1)

    @property
    def races(self) -> bool:
        """Whether trials may be stopped between their executions."""
        return self.racing and self.executions >= FEWEST

    @property
    def words(self) -> str:
        """Short enough for a chip: "holdout 80/20 × 3 seeds", "5-fold by patient", "5 rounds of 80/20"."""
        share = round(100 * self.validation_share)
        shares = f"{100 - share}/{share}"
        words = {
            "holdout": f"holdout {shares}",
            "k_fold": f"{self.folds}-fold",
            "subsampling": f"{self.rounds} rounds of {shares}",
            "fixed": "fixed validation set",
            ALL_ROWS: "all rows except the test set",
        }[self.kind]
        if self.keyed and self.kind != ALL_ROWS:
            words += f" {'by' if self.grouped else 'in order of'} {self.column}"
        return f"{words} × {self.repeats} seeds" if self.repeats > 1 else words

    @property
    def keyed(self) -> bool:
        """Whether a column of the dataset decides which rows may be apart."""
        return self.grouped or self.respecting == "time"

    @property
    def grouped(self) -> bool:
        """Whether rows with the same value in the column stay together."""
        return self.respecting in ("groups", "stratified_groups")

    @property
    def spread_words(self) -> str:
        """What the range of a mean over executions is called: seeds on one validation set say nothing of other rows."""
        return "95 % interval" if self.parts_count > 1 else "spread over seeds (95 %)"

    @property
    def overlap(self) -> float:
        """Validation rows by training rows, where parts share training rows; else 0."""
        if self.kind == "k_fold" and self.respecting == "time":
            # The nth part trains on n blocks and validates one: the mean of 1/n.
            return sum(1 / block for block in range(1, self.folds + 1)) / self.folds
        if self.kind == "k_fold":
            return 1 / (self.folds - 1)
        if self.kind == "subsampling":
            return self.validation_share / (1 - self.validation_share)
        return 0.0

    @classmethod
    def from_dict(cls, source: object) -> "Protocol":
        """Read a protocol; raises ProtocolError with everything that is wrong.

        Protocols written before `respecting` say `stratified`, true or false.
        """
        reader = Reader(renamed(source) if isinstance(source, dict) else source)
        protocol = read_part(cls, reader)
        if protocol.validation_share == 0.0 and not reader.problems:
            reader.note("validation_share", "Must be above 0: trials are compared on these rows.")
        if reader.problems:
            raise ProtocolError(reader.problems)
        return protocol

    def problems(
        self, n: int, *, validation_rows: int = 0, columns: Sequence[SplitColumn] = ()
    ) -> list[Problem]:
        """Why `n` rows can't be dealt out like this; empty when they can.

        validation_rows: of the dataset's own validation part, among the `n`. columns: what the
        rows can be grouped or ordered by.
        """
        found = self._contradictions(validation_rows) or self._size_problems(n, validation_rows)
        if not found and self.keyed:
            problem = column_problem(self.respecting, self.column, columns, self.fewest_in_all)
            found = [problem] if problem else []
        return found

    @property
    def fewest_outside_test(self) -> int:
        """Rows of a class, groups, or times that must be left outside of the locked test part."""
        if self.kind == "k_fold":
            return self.folds + (self.respecting == "time")
        return 1 if self.kind == "fixed" else 2

    @property
    def fewest_in_all(self) -> int:
        """Rows of a class, groups, or times that it takes for every part to have one."""
        return self.fewest_outside_test + bool(self.locked_test_share)

    def _contradictions(self, validation_rows: int) -> list[Problem]:
        if self.kind == "fixed" and not validation_rows:
            message = "This dataset has no validation set of its own. Choose another split."
            return [Problem("kind", message)]
        if self.kind == "fixed" and self.keyed:
            message = (
                "The dataset's validation set is fixed. Split by class (stratified) or randomly."
            )
            return [Problem("respecting", message)]
        if self.kind == "subsampling" and self.respecting == "time":
            message = (
                "Repeated random splits would train on rows later than the validation "
                "rows. Choose k-fold, which moves forward in time, or a single "
                "validation set."
            )
            return [Problem("kind", message)]
        return []

    def _size_problems(self, n: int, validation_rows: int) -> list[Problem]:
        n -= validation_rows if self.kind == "fixed" else 0
        test_share = self.locked_test_share or 0.0
        test = round(test_share * n)
        rest = n - test
        if test_share and not 0 < test < n:
            return [empty_part("locked_test_share", test_share, n)]
        if self.kind in ("fixed", ALL_ROWS):
            return [] if rest else [Problem("kind", "No rows are left for training.")]
        if self.kind == "k_fold":
            return too_few_for_folds(self.folds + (self.respecting == "time"), rest)
        validation = round(self.validation_share * rest)
        if not 0 < validation < rest:
            return [empty_part("validation_share", self.validation_share, rest)]
        return []


def renamed(source: dict[str, Any]) -> dict[str, Any]:
    """A protocol's JSON, with `respecting` where an older one says `stratified`."""
    if "respecting" in source or not isinstance(source.get("stratified"), bool):
        return source
    rest = {name: value for name, value in source.items() if name != "stratified"}
    return rest | {"respecting": "classes" if source["stratified"] else "none"}


KINDS = tuple(kind for kind in declaration_of(Protocol, "kind").choices if kind != ALL_ROWS)
RESPECTING = tuple(declaration_of(Protocol, "respecting").choices)
