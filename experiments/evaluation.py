"""Room: evaluation (kernel; numpy and scipy). How a trial is judged: index plans, metrics, intervals."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.search.history import Direction
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader

Rows = npt.NDArray[np.int64]
ProtocolKind = Literal["holdout"]

MOST_REPEATS = 100
MOST_SHARE = 0.95
HIGHER_IS_BETTER = frozenset(["accuracy", "top_3_accuracy"])


class ProtocolError(ProblemsError):
    """A protocol that can't be used, or not with these rows."""


@dataclass(frozen=True, slots=True)
class Split:
    """The row indices of every part, sorted; `hash` names exactly this dealing out of rows.

    parts: (training rows, validation rows) of each part; `test` rows are in none of them, and the
    array is empty where the data set brings its own test part or none is held back.
    """

    parts: tuple[tuple[Rows, Rows], ...]
    test: Rows
    hash: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """Holdout: one validation part for every trial, `repeats` seeds on it.

    validation_share: of the rows left after the locked test part. locked_test_share: of all rows;
    None = the data set's own test part is the locked one; 0 = none is held back.
    stratified: each class keeps its share in each part (classification only).
    """

    kind: ProtocolKind = "holdout"
    validation_share: float = 0.2
    repeats: int = 1
    stratified: bool = True
    locked_test_share: float | None = 0.2

    @property
    def executions(self) -> int:
        """Executions of each trial: parts × repeats."""
        return self.parts_count * self.repeats

    @property
    def parts_count(self) -> int:
        """How many (training, validation) parts a split has."""
        return 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return {
            "kind": self.kind,
            "validation_share": self.validation_share,
            "repeats": self.repeats,
            "stratified": self.stratified,
            "locked_test_share": self.locked_test_share,
        }

    @classmethod
    def from_dict(cls, source: object) -> "Protocol":
        """Read a protocol; raises ProtocolError with everything that is wrong."""
        reader = Reader(source)
        share = reader.number("validation_share", lowest=0.0, highest=MOST_SHARE, default=0.2)
        if share == 0.0 and not reader.problems:
            reader.note("validation_share", "Must be above 0: trials are compared on these rows.")
        protocol = cls(
            kind=cast(ProtocolKind, reader.one_of("kind", ("holdout",), default="holdout")),
            validation_share=share,
            repeats=reader.whole("repeats", lowest=1, highest=MOST_REPEATS, default=1),
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
        validation = round(self.validation_share * rest)
        if test_share and not 0 < test < n:
            return [_empty_part("locked_test_share", test_share, n)]
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
        """Deal `n` rows out: locked test rows first, then the validation part.

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
            rest, test = _deal(every, codes, test_share, rng, leave=2)
        train, validation = _deal(rest, codes, self.validation_share, rng, leave=1)
        parts = ((train, validation),)
        return Split(parts, test, split_hash(parts, test))

    def _strata(self, n: int, labels: Sequence[int] | Rows | None, names: Sequence[str]) -> Rows:
        """The class of each row; one class for all where nothing is to be stratified."""
        if labels is None or not self.stratified:
            return np.zeros(n, dtype=np.int64)
        codes = np.asarray(labels).astype(np.int64).reshape(-1)
        if len(codes) != n:
            raise ProtocolError([Problem("", f"{len(codes):,} labels for {n:,} rows.")])
        _refuse_rare_classes(codes, 3 if self.locked_test_share else 2, names)
        return codes


def _read_test_share(reader: Reader) -> float | None:
    share = reader.number("locked_test_share", lowest=0.0, highest=MOST_SHARE, default=None)
    if share is None and not reader.has("locked_test_share"):
        return 0.2
    return None if share is None else float(share)


def _refuse_rare_classes(codes: Rows, wanted: int, names: Sequence[str]) -> None:
    classes, counts = np.unique(codes, return_counts=True)
    rare = [(int(c), int(k)) for c, k in zip(classes, counts, strict=True) if k < wanted]
    if rare:
        listed = ", ".join(f"{_named(c, names)} has {_rows(k)}" for c, k in rare[:5])
        more = f", and {len(rare) - 5} more like it" if len(rare) > 5 else ""
        message = (
            f"Every class needs at least {wanted} rows to be in every part; {listed}{more}. "
            "Merge rare classes, or turn off stratified."
        )
        raise ProtocolError([Problem("stratified", message)])


def _empty_part(name: str, share: float, n: int) -> Problem:
    message = f"{share:.3g} of {_rows(n)} leaves a part without rows."
    return Problem(name, f"{message} Change the share, or use more rows.")


def _named(code: int, names: Sequence[str]) -> str:
    return f"“{names[code]}”" if 0 <= code < len(names) else f"class {code}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _deal(
    rows: Rows, codes: Rows, share: float, rng: np.random.Generator, *, leave: int
) -> tuple[Rows, Rows]:
    """Take `share` of `rows` off, class by class; return (those kept, those taken), both sorted.

    Each class gives its rounded-down share, and what is missing from the total goes to the classes
    with the largest remainders. Where there are several classes, each gives at least one row and
    keeps at least `leave` (2 for the locked test part: one to train on, one to validate on).
    """
    total = round(share * len(rows))
    classes, counts = np.unique(codes[rows], return_counts=True)
    quotas = _quotas(counts, share, total, leave)
    taken = []
    for label, quota in zip(classes, quotas, strict=True):
        members = rows[codes[rows] == label]
        taken.append(rng.permutation(members)[:quota])
    off = np.sort(np.concatenate(taken))
    return np.setdiff1d(rows, off, assume_unique=True), off


def _quotas(counts: npt.NDArray[np.intp], share: float, total: int, leave: int) -> list[int]:
    exact = counts * share
    quotas = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - quotas), kind="stable")
    quotas[order[: max(0, total - int(quotas.sum()))]] += 1
    if len(counts) > 1:
        quotas = np.clip(quotas, 1, counts - leave)
    return [int(quota) for quota in quotas]


def split_hash(parts: Sequence[tuple[Rows, Rows]], test: Rows) -> str:
    """SHA-256 (hex) over the row indices of each part, each array preceded by its length."""
    digest = hashlib.sha256()
    for array in (*(rows for part in parts for rows in part), test):
        digest.update(len(array).to_bytes(8, "little"))
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval over executions; `low` and `high` are None for a single one."""

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width: what stands after ±."""
        return None if self.high is None else self.high - self.mean


def interval(scores: Sequence[float]) -> Interval | None:
    """Mean ± 95 % (Student's t, n - 1 degrees of freedom); None without a finite score.

    Scores that are NaN or infinite are left out. It covers the noise of seeds on the same part, so
    the choice of validation rows is not in it.
    """
    finite = [float(score) for score in scores if math.isfinite(score)]
    n = len(finite)
    if n == 0:
        return None
    mean = math.fsum(finite) / n
    if n == 1:
        return Interval(mean, None, None, n)
    spread = float(np.std(finite, ddof=1))
    half = float(special.stdtrit(n - 1, 0.975)) * spread / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def objectives(metrics: Sequence[str]) -> tuple[str, ...]:
    """Names that a search can be judged by, the validation ones first."""
    names = ("loss", *metrics)
    return (*(f"val_{name}" for name in names), *names)


def direction_of(objective: str) -> Direction:
    """Whether the metric is better when it is higher or lower."""
    higher = objective.removeprefix("val_") in HIGHER_IS_BETTER
    return "maximize" if higher else "minimize"
