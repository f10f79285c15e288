"""Room: evaluation (numpy). How every trial of an experiment is judged: parts of the rows, and seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import numpy as np

from experiments.evaluation.dealing import deal_folds, deal_off
from experiments.evaluation.racing import FEWEST
from experiments.evaluation.splits import Part, Rows, Split
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader

ProtocolKind = Literal["holdout", "k_fold", "subsampling", "all_rows"]

KINDS: tuple[ProtocolKind, ...] = ("holdout", "k_fold", "subsampling")  # a search's
ALL_ROWS: ProtocolKind = "all_rows"
MOST_REPEATS = 100
MOST_FOLDS = 20
MOST_ROUNDS = 50
MOST_SHARE = 0.95


class ProtocolError(ProblemsError):
    """A protocol that can't be used, or not with these rows."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """The same parts for every trial, `repeats` seeds on each.

    kind: holdout (one validation part), k_fold (`folds` batches of cross-validation: every row is
    validated once), subsampling (`rounds` rounds, each with validation rows drawn anew), all_rows (a
    refit: trained on everything but the locked test part, validated on nothing).
    validation_share: of the rows left after the locked test part, for holdout and subsampling.
    locked_test_share: of all rows; None = the data set's own test part is the locked one; 0 = none
    is held back. racing: a trial that can't win any more loses its remaining executions, where there
    are three or more. stratified: each class keeps its share in each part (classification only).
    """

    kind: ProtocolKind = "holdout"
    validation_share: float = 0.2
    folds: int = 5
    rounds: int = 5
    repeats: int = 1
    racing: bool = True
    stratified: bool = True
    locked_test_share: float | None = 0.2

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
        """Short enough for a chip: "holdout 80/20 × 3 seeds", "5-fold", "5 rounds of 80/20"."""
        share = round(100 * self.validation_share)
        shares = f"{100 - share}/{share}"
        kind = {
            "holdout": f"holdout {shares}",
            "k_fold": f"{self.folds}-fold",
            "subsampling": f"{self.rounds} rounds of {shares}",
            ALL_ROWS: "all rows but the test part",
        }[self.kind]
        return f"{kind} × {self.repeats} seeds" if self.repeats > 1 else kind

    @property
    def overlap(self) -> float:
        """Validation rows by training rows, where parts share training rows; else 0."""
        if self.kind == "k_fold":
            return 1 / (self.folds - 1)
        if self.kind == "subsampling":
            return self.validation_share / (1 - self.validation_share)
        return 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: object) -> "Protocol":
        """Read a protocol; raises ProtocolError with everything that is wrong."""
        reader = Reader(source)
        share = reader.number("validation_share", lowest=0.0, highest=MOST_SHARE, default=0.2)
        if share == 0.0 and not reader.problems:
            reader.note("validation_share", "Must be above 0: trials are compared on these rows.")
        protocol = cls(
            kind=cast(ProtocolKind, reader.one_of("kind", (*KINDS, ALL_ROWS), default="holdout")),
            validation_share=share,
            folds=reader.whole("folds", lowest=2, highest=MOST_FOLDS, default=5),
            rounds=reader.whole("rounds", lowest=2, highest=MOST_ROUNDS, default=5),
            repeats=reader.whole("repeats", lowest=1, highest=MOST_REPEATS, default=1),
            racing=reader.flag("racing", default=True),
            stratified=reader.flag("stratified", default=True),
            locked_test_share=_read_test_share(reader),
        )
        reader.refuse_others()
        if reader.problems:
            raise ProtocolError(reader.problems)
        return protocol

    def problems(self, n: int) -> list[Problem]:
        """Why `n` rows can't be dealt out like this; empty when they can."""
        test_share = self.locked_test_share or 0.0
        test = round(test_share * n)
        rest = n - test
        if test_share and not 0 < test < n:
            return [_empty_part("locked_test_share", test_share, n)]
        if self.kind == "k_fold":
            return _too_few_for_folds(self.folds, rest)
        if self.kind == ALL_ROWS:
            return []
        validation = round(self.validation_share * rest)
        if not 0 < validation < rest:
            return [_empty_part("validation_share", self.validation_share, rest)]
        return []

    def split(
        self,
        n: int,
        labels: Sequence[int] | Rows | None,
        seed: int,
        *,
        classes: Sequence[str] = (),
    ) -> Split:
        """Deal `n` rows out: locked test rows first, then the parts.

        labels: (n,) class indices to stratify by; None for regression. classes: their names, for
        messages. The same n, labels and seed give the same split on every machine.
        Raises: ProtocolError when a part would be unusable.
        """
        problems = self.problems(n)
        if problems:
            raise ProtocolError(problems)
        codes = self._strata(n, labels, classes)
        rng = np.random.default_rng([seed % 2**64, n])
        every = np.arange(n, dtype=np.int64)
        test_share = self.locked_test_share or 0.0
        rest, test = every, every[:0]
        if test_share:
            rest, test = deal_off(every, codes, test_share, rng, leave=self._fewest_of_a_class)
        return Split.of(self._parts(rest, codes, rng), test)

    def deal_again(self, split: Split, labels: Sequence[int] | Rows | None, seed: int) -> Split:
        """Other parts of the rows that `split` trains and validates on; its locked rows stay locked.

        labels: as for `split`. An all_rows protocol has one part, with every row to train on.
        """
        train, validation = split.parts[0]
        rest = np.union1d(train, validation)
        if self.kind == ALL_ROWS:
            return Split.of([(rest, rest[:0])], split.test)
        n = int(rest.max(initial=-1)) + 1 if labels is None else len(labels)
        codes = self._strata(n, labels, ())
        rng = np.random.default_rng([seed % 2**64, n])
        return Split.of(self._parts(rest, codes, rng), split.test)

    def _parts(self, rest: Rows, codes: Rows, rng: np.random.Generator) -> list[Part]:
        if self.kind == "k_fold":
            return list(deal_folds(rest, codes, self.folds, rng))
        return [
            deal_off(rest, codes, self.validation_share, rng, leave=1)
            for _ in range(self.parts_count)
        ]

    @property
    def _fewest_of_a_class(self) -> int:
        """Rows that a class needs outside of the locked test part."""
        return self.folds if self.kind == "k_fold" else 2

    def _strata(self, n: int, labels: Sequence[int] | Rows | None, names: Sequence[str]) -> Rows:
        """The class of each row; one class for all where nothing is to be stratified."""
        if labels is None or not self.stratified:
            return np.zeros(n, dtype=np.int64)
        codes = np.asarray(labels).astype(np.int64).reshape(-1)
        if len(codes) != n:
            raise ProtocolError([Problem("", f"{len(codes):,} labels for {n:,} rows.")])
        wanted = self._fewest_of_a_class + int(bool(self.locked_test_share))
        rare = _rare_classes(codes, wanted, names)
        if rare:
            in_folds = self.kind == "k_fold"
            field, mend = ("folds", "Use fewer folds, m") if in_folds else ("stratified", "M")
            locked = ", the locked test part too" if self.locked_test_share else ""
            message = (
                f"Every class needs at least {wanted} rows to be in every part{locked}; {rare}. "
                f"{mend}erge rare classes, or turn off stratified."
            )
            raise ProtocolError([Problem(field, message)])
        return codes


def _read_test_share(reader: Reader) -> float | None:
    share = reader.number("locked_test_share", lowest=0.0, highest=MOST_SHARE, default=None)
    if share is None and not reader.has("locked_test_share"):
        return 0.2
    return None if share is None else float(share)


def _rare_classes(codes: Rows, wanted: int, names: Sequence[str]) -> str:
    """Classes with fewer rows than wanted, in words; empty: none."""
    classes, counts = np.unique(codes, return_counts=True)
    rare = [(int(c), int(k)) for c, k in zip(classes, counts, strict=True) if k < wanted]
    listed = ", ".join(f"{_named(c, names)} has {_rows(k)}" for c, k in rare[:5])
    return f"{listed}, and {len(rare) - 5} more like it" if len(rare) > 5 else listed


def _too_few_for_folds(folds: int, rows: int) -> list[Problem]:
    if rows >= folds:
        return []
    return [Problem("folds", f"{_rows(rows)} can't fill {folds} folds. Use fewer, or more rows.")]


def _empty_part(name: str, share: float, n: int) -> Problem:
    message = f"{share:.3g} of {_rows(n)} leaves a part without rows."
    return Problem(name, f"{message} Change the share, or use more rows.")


def _named(code: int, names: Sequence[str]) -> str:
    return f"“{names[code]}”" if 0 <= code < len(names) else f"class {code}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
