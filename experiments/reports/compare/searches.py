"""Reports: whole experiments side by side: what each found, how, and in what it searched. Imports models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db.models import Count
from django.utils import timezone

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.evaluation.intervals import Interval, interval
from experiments.evaluation.metrics import metric_of
from experiments.models import Experiment, SpaceVersion, Trial
from experiments.models.trial import TrialState
from experiments.reports.compare.comparability import (
    Comparability,
    comparability,
    data_words,
    rule_words,
)
from experiments.reports.compare.page import SettingRow, setting_row
from experiments.reports.compare.paired_tests import PairedTest, paired_test
from experiments.reports.compare.rows import ResultCell, result_rows
from experiments.reports.compare.trials import COLOURS, Compared, columns_of
from experiments.reports.experiments.head import seconds_used
from experiments.reports.experiments.training_summary import setup_words
from experiments.reports.figures import finite, thinned
from experiments.reports.winner.recommended import recommended
from experiments.search.space.changes import row_words
from experiments.search.space.space import Space

FEWEST, MOST = 2, 10
MOST_POINTS: Final = 500  # of an experiment's distribution


@dataclass(frozen=True, slots=True)
class Searched:
    """One column. place: in the address, which gives its colour. winner: the recommended trial.

    sure: the winner's interval. cell: its score against the base's winner's. best: the best search
    score of all. expected: of that trial on new rows. counts: trials by state.
    """

    experiment: Experiment
    place: int
    winner: Compared | None
    sure: Interval | None
    cell: ResultCell | None
    best: float | None
    expected: ExpectedScore
    counts: Mapping[str, int]
    seconds: float

    @property
    def colour(self) -> int:
        """Its place in the trial palette, and in the same way its dash."""
        return self.place % COLOURS

    @property
    def dash(self) -> int:
        return self.place // COLOURS

    @property
    def tried(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class SearchComparison:
    """The whole view; the first column is the base. test: of the winners, where they may be ranked."""

    columns: tuple[Searched, ...]
    settings: tuple[SettingRow, ...]
    comparability: Comparability
    test: PairedTest | None

    @property
    def equal(self) -> int:
        return sum(not row.differs for row in self.settings)

    @property
    def differing(self) -> int:
        return len(self.settings) - self.equal

    @property
    def is_running(self) -> bool:
        """Whether any of them may still get other numbers."""
        return any(column.experiment.state in Experiment.ACTIVE for column in self.columns)

    @property
    def winners(self) -> tuple[Compared, ...]:
        return tuple(column.winner for column in self.columns if column.winner is not None)

    @property
    def expected(self) -> tuple[ExpectedScore, ...]:
        """Of each column's winner, the base's objective on new rows; empty where none is known."""
        base = next(iter(self.winners), None)
        winners = [column.winner for column in self.columns]
        found = tuple(
            each.expected_beside(base) if each and base else ExpectedScore() for each in winners
        )
        return found if any(each.value is not None for each in found) else ()


def named_searches(project_pk: int, codes: Sequence[UUID]) -> list[Experiment]:
    """The named experiments of the project in the order asked for; one query."""
    found = {
        experiment.code: experiment
        for experiment in Experiment.objects.filter(
            project=project_pk, code__in=codes
        ).select_related(
            "dataset_version__dataset",
            "hypermodel_version__hypermodel",
            "best_trial",
            "recommended_trial",
        )
    }
    return [found[code] for code in dict.fromkeys(codes) if code in found]


def search_comparison(experiments: Sequence[Experiment], base: str) -> SearchComparison:
    """Set the experiments against the one with the code `base`, else the first; four queries."""
    places = {experiment.pk: place for place, experiment in enumerate(experiments)}
    ordered = sorted(experiments, key=lambda experiment: str(experiment.code) != base)
    found = comparability([(experiment, experiment.split_hash) for experiment in ordered])
    winners = {column.experiment.pk: column for column in _winners(ordered)}
    judged = found.may_rank and len(ordered) >= FEWEST
    cells, test = _held_against(ordered, winners, judged=judged)
    counts = _counts(ordered)
    now = timezone.now()
    columns = tuple(
        Searched(
            experiment=each,
            place=places[each.pk],
            winner=winners.get(each.pk),
            sure=_sure(winners.get(each.pk)),
            cell=cells.get(each.pk),
            best=finite(each.best_trial.score) if each.best_trial else None,
            expected=expected_score(
                each.best_trial.expected if each.best_trial else {},
                higher_is_better=each.direction == "maximize",
            ),
            counts=counts.get(each.pk, {}),
            seconds=seconds_used(each, now),
        )
        for each in ordered
    )
    return SearchComparison(columns, _settings(ordered), found, test)


def _winners(experiments: Sequence[Experiment]) -> tuple[Compared, ...]:
    """The recommended trial of each, else the one with the best score."""
    wanted = []
    for experiment in experiments:
        picked = recommended(experiment)
        best = experiment.best_trial
        if picked or best:
            wanted.append((experiment, picked.number if picked else best.number if best else 0))
    return columns_of(wanted)


def _held_against(
    ordered: Sequence[Experiment], winners: Mapping[int, Compared], *, judged: bool
) -> tuple[dict[int, ResultCell], PairedTest | None]:
    columns = [winners[each.pk] for each in ordered if each.pk in winners]
    if not columns:
        return {}, None
    has_base = ordered[0].pk in winners
    row = result_rows(columns, judged=judged and has_base)[0]
    cells = {column.experiment.pk: cell for column, cell in zip(columns, row.cells, strict=True)}
    test = paired_test(columns) if judged and has_base and len(columns) >= FEWEST else None
    return cells, test


def _sure(winner: Compared | None) -> Interval | None:
    if winner is None:
        return None
    scores = list(winner.measured.get(winner.experiment.objective, {}).values())
    own = winner.experiment
    return interval(scores, overlap=own.protocol.overlap, metric=metric_of(own.objective))


def _counts(experiments: Sequence[Experiment]) -> dict[int, dict[str, int]]:
    rows = Trial.objects.filter(experiment__in=experiments).order_by()
    found: dict[int, dict[str, int]] = {}
    grouped = rows.values_list("experiment", "state").annotate(n=Count("pk"))
    for experiment, state, n in grouped:
        found.setdefault(experiment, dict.fromkeys(TrialState.values, 0))[state] = n
    return found


def _settings(experiments: Sequence[Experiment]) -> tuple[SettingRow, ...]:
    spaces = _spaces(experiments)
    around = [_around(experiment) for experiment in experiments]
    names = dict.fromkeys(name for space in spaces for name in space)
    return (
        *(setting_row(name, [each[name] for each in around]) for name in around[0]),
        *(
            setting_row(n, [space.get(n, "–") for space in spaces], is_searched=True)
            for n in names
        ),
    )


def _around(experiment: Experiment) -> dict[str, str]:
    return {
        "data": data_words(experiment),
        "protocol": rule_words(experiment),
        "objective": f"{experiment.objective_words}, {experiment.direction}",
        "budget": f"{experiment.max_trials:,} trials",
        **setup_words(experiment),
    }


def _spaces(experiments: Sequence[Experiment]) -> list[dict[str, str]]:
    """Each row of the newest space in words; one query."""
    newest: dict[int, dict[str, Any]] = {}
    versions = SpaceVersion.objects.filter(experiment__in=experiments).order_by("number")
    for experiment, space in versions.values_list("experiment", "space"):
        newest[experiment] = space
    found = []
    for each in experiments:
        space = Space.from_dict(newest.get(each.pk, {"hyperparameters": []}))
        found.append({row.name: row_words(row) for row in space.hyperparameters})
    return found


def score_lines(experiments: Sequence[Experiment]) -> dict[str, Any]:
    """What the charts of the page draw: of each experiment its scores in order, at most 500 at equal
    steps of their share, and where its best score became better. One query.

    unlike: what they differ in, so that nothing is drawn; empty where they were judged alike.
    """
    found = comparability([(experiment, experiment.split_hash) for experiment in experiments])
    if not found.may_rank:
        return {"unlike": found.words, "experiments": []}
    scores = Trial.objects.filter(Trial.SCORED, experiment__in=experiments)
    rows = scores.order_by("experiment", "number").values_list("experiment", "number", "score")
    by: dict[int, list[tuple[int, float]]] = {each.pk: [] for each in experiments}
    for experiment, number, score in rows.iterator(chunk_size=2000):
        by[experiment].append((number, score or 0.0))
    return {"unlike": "", "experiments": [_lines(each, by[each.pk]) for each in experiments]}


def _lines(experiment: Experiment, scored: Sequence[tuple[int, float]]) -> dict[str, Any]:
    table = np.array(scored, dtype=np.float64).reshape(-1, 2)
    table = table[np.isfinite(table[:, 1])]
    gain = table[:, 1] if experiment.direction == "maximize" else -table[:, 1]
    best = np.maximum.accumulate(gain) if len(gain) else gain
    rises = np.flatnonzero(np.diff(best, prepend=-np.inf) > 0)
    steps = [[int(table[at, 0]), finite(float(table[at, 1]), 7)] for at in rises]
    ordered = np.sort(table[:, 1]).tolist()
    return {
        "code": str(experiment.code),
        "name": experiment.name,
        "objective": experiment.objective,
        "direction": experiment.direction,
        "n": len(ordered),
        "last": int(table[-1, 0]) if len(table) else 0,
        "steps": steps,
        "scores": [finite(score, 7) for score in thinned(ordered, MOST_POINTS)],
    }
