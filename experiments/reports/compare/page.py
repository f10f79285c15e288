"""Reports: trials side by side against a base. Imports models and sibling reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.evaluation.expected_words import ExpectedScore
from experiments.models import Trial
from experiments.reports.compare.comparability import Comparability, comparability
from experiments.reports.compare.paired_tests import PairedTest, paired_test
from experiments.reports.compare.rows import ResultRow, result_rows
from experiments.reports.compare.trials import FEWEST, Compared
from experiments.reports.experiments.training_summary import setup_words


@dataclass(frozen=True, slots=True)
class SettingCell:
    """A value and whether it differs from the base's."""

    value: Any
    differs: bool


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One hyperparameter, or a setting of the experiment, over all columns."""

    name: str
    cells: tuple[SettingCell, ...]
    is_searched: bool

    @property
    def differs(self) -> bool:
        """Whether any column differs from the base."""
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole view; the first column is the base. test: None where nothing may be ranked."""

    columns: tuple[Compared, ...]
    results: tuple[ResultRow, ...]
    settings: tuple[SettingRow, ...]
    comparability: Comparability
    test: PairedTest | None

    @property
    def differing(self) -> int:
        return sum(row.differs for row in self.settings)

    @property
    def equal(self) -> int:
        return len(self.settings) - self.differing

    @property
    def running(self) -> int:
        """How many trials may still get other numbers."""
        ended = {*Trial.TERMINAL, Trial.State.PAUSED}
        return sum(column.trial.state not in ended for column in self.columns)

    @property
    def equal_results(self) -> int:
        """How many rows of results are the same in all columns; exact ones, which fold anyway, aside."""
        return sum(not row.differs and not row.is_exact for row in self.results)

    @property
    def expected(self) -> tuple[ExpectedScore, ...]:
        """Of each column, the base's objective on new rows; empty where none is known."""
        found = tuple(column.expected_beside(self.columns[0]) for column in self.columns)
        return found if any(each.value is not None for each in found) else ()

    @property
    def exact(self) -> int:
        return sum(row.is_exact for row in self.results)


def comparison(columns: tuple[Compared, ...]) -> Comparison:
    """Set the columns against the first one; a single one is shown alone. No query."""
    found = comparability([(column.experiment, column.trial.split_hash) for column in columns])
    judged = found.may_rank and len(columns) >= FEWEST
    return Comparison(
        columns=columns,
        results=result_rows(columns, judged=judged),
        settings=_settings(columns),
        comparability=found,
        test=paired_test(columns) if judged else None,
    )


def with_base(columns: tuple[Compared, ...], key: str) -> tuple[Compared, ...]:
    """The columns with the base first, the others in their order."""
    return tuple(sorted(columns, key=lambda column: column.key != key))


def _settings(columns: Sequence[Compared]) -> tuple[SettingRow, ...]:
    """Every hyperparameter; of several experiments also how they train, search and fit."""
    names: dict[str, None] = {}
    for column in columns:
        names |= dict.fromkeys(column.trial.values)
    around = [setup_words(column.experiment) for column in columns]
    several = len({column.experiment.pk for column in columns}) > 1
    settings: dict[str, None] = {"model": None}
    if several:
        for each in around:
            settings |= dict.fromkeys(each)
    return (
        *(setting_row(name, [each.get(name) for each in around]) for name in settings),
        *(
            setting_row(
                name, [column.trial.values.get(name) for column in columns], is_searched=True
            )
            for name in names
        ),
    )


def setting_row(name: str, values: Sequence[Any], *, is_searched: bool = False) -> SettingRow:
    """Values of all columns, each beside the first one's."""
    cells = (SettingCell(value, _apart(value, values[0])) for value in values)
    return SettingRow(name, tuple(cells), is_searched)


def _apart(value: Any, other: Any) -> bool:
    """Unlike in value, or one of them a flag: True is no 1 here."""
    return bool(value != other) or isinstance(value, bool) != isinstance(other, bool)
