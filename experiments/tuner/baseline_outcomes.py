"""Compares a search's winner with its baselines, by rows where predictions are kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
from django.db.models import QuerySet

from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.evaluation.expected import Expected, RowTable
from experiments.evaluation.row_scores import row_scores
from experiments.evaluation.row_tests import chances_of_luck, p_of_none_better
from experiments.evaluation.statistical_ties import LEVEL, improvement
from experiments.models import Experiment, Purpose, Trial
from experiments.reports.winner.baselines import (
    NO_TEST,
    Baseline,
    compared,
    constant_answers,
    fair_scores,
)
from experiments.reports.winner.follow_ups import scores_of
from experiments.tuner.expected_scores import expected_of
from experiments.tuner.row_tables import Tables, row_tables

Outcome = Literal["better", "undecided", "worse", "unknown"]
BESIDE: Final = 0  # key of a baseline's own table


def outcomes(
    search: Experiment,
    winner: Trial,
    expected: Mapping[int, Expected],
    tables: Tables,
    *,
    tried: int,
) -> list[dict[str, Any]]:
    """What is stored with a winner of each baseline that has a score and isn't the winner itself.

    expected: by primary key, of the search's trials and of `expected_of_baselines`. Each has name, phrase,
    trial (primary key, None where nothing was trained), score, `expected` (at epochs that other rows or parts
    chose), gain (of the winner, both as expected where that is known), p (that no trial is better), outcome of
    the winner (worse: the baseline is at least as good; undecided: it is better, and that may be luck), why
    there is none, and whether the baseline wins: by the same test with the roles exchanged, None without one.
    """
    found = []
    own = expected[winner.pk]
    table, higher = tables.table, search.direction == "maximize"
    sign = 1.0 if higher else -1.0
    for each in compared(search, winner, scores_of(winner), looks=tried):
        if each.is_winner or each.mean is None:
            continue
        of_rows = _rows_of(search, each, tables) if own.basis == "rows" else None
        known = expected.get(each.trial.pk) if each.trial else None
        found.append(
            {
                "name": each.name,
                "phrase": each.phrase,
                "trial": each.trial.pk if each.trial else None,
                "score": each.mean,
            }
            | (
                _by_executions(search, each, own, known)
                if of_rows is None or table is None
                else by_rows(
                    *(table, winner.number, of_rows),
                    reached=(own.value, _reached(known, table, of_rows, sign)),
                    higher_is_better=higher,
                    tried=tried,
                )
            )
        )
    return found


def expected_of_baselines(
    search: Experiment, winner: Expected, tables: Tables
) -> dict[int, Expected]:
    """By primary key, what each trained one with a score will reach: of nothing but its own scores.

    Over rows where the winner's is and they are the same; else by parts.
    """
    found = {}
    for pk in _scored(search).values_list("pk", flat=True):
        own = row_tables(search, {BESIDE: pk})
        if winner.basis == "folds" or not tables.fits(own):
            own = Tables((), why=own.why)
        found[pk] = expected_of(search, {BESIDE: pk}, own, tried=1, scored=1)[BESIDE]
    return found


def scored_baselines(search: Experiment) -> int:
    """How many trained ones have a score; one more and the winner is compared again."""
    return _scored(search).count()


def _scored(search: Experiment) -> QuerySet[Trial]:
    return Trial.objects.filter(
        experiment__follows=search, experiment__purpose=Purpose.BASELINE, score__isnull=False
    )


def by_rows(
    table: RowTable,
    winner: int,
    baseline: RowTable,
    *,
    reached: tuple[float | None, float],
    higher_is_better: bool,
    tried: int,
) -> dict[str, Any]:
    """What `outcomes` has of the trial of this number beside a baseline, over the same units.

    reached: what each of the two is expected to score.
    """
    value, beside = reached
    chances = chances_of_luck(table, baseline, of=tried)
    place = table.numbers.index(winner)
    gain = None if value is None else improvement(value, beside, higher_is_better=higher_is_better)
    found = _outcome(gain, is_better=bool(chances[place] <= LEVEL))
    only = [place]
    own = replace(table, numbers=(winner,), shown=table.shown[only], fair=table.fair[only])
    wins = p_of_none_better(baseline, own) <= LEVEL  # nobody chose it: it pays for no others
    return {"expected": beside, "gain": gain, "p": float(chances.min()), "wins": wins} | found


def _reached(known: Expected | None, table: RowTable, of_rows: RowTable, sign: float) -> float:
    """The baseline's expected score; of a constant, the mean over its rows."""
    if known is not None and known.value is not None:
        return known.value
    return sign * float(of_rows.fair[0] @ table.weights)


def _by_executions(
    search: Experiment, each: Baseline, expected: Expected, known: Expected | None
) -> dict[str, Any]:
    fair = known.value if known else None
    if known is None and len(each.scores) > 1 and expected.value is not None:
        scores = fair_scores(search, each.trial) if each.trial else each.scores
        fair = float(np.mean(scores))
    gain = each.gain
    if fair is not None and expected.value is not None:
        higher = search.direction == "maximize"
        gain = improvement(expected.value, fair, higher_is_better=higher)
    found = _outcome(gain, is_better=each.beaten)
    return {"expected": fair, "gain": gain, "p": None, "wins": each.wins} | found


def _outcome(gain: float | None, *, is_better: bool | None) -> dict[str, str]:
    if gain is not None and gain <= 0:
        return {"outcome": "worse", "why": ""}
    if is_better is None or gain is None:
        return {"outcome": "unknown", "why": NO_TEST}
    return {"outcome": "better" if is_better else "undecided", "why": ""}


def _rows_of(search: Experiment, each: Baseline, tables: Tables) -> RowTable | None:
    """A baseline's table of one trial; None where its rows aren't those of the trials."""
    if each.trial is not None:
        own = row_tables(search, {BESIDE: each.trial.pk})
        return own.table if tables.fits(own) else None
    answers = constant_answers(search)
    version = search.dataset_version
    metric = tested_metric(search.objective, DataSchema.from_dict(version.schema))
    classes = len(version.schema.get("classes", ()))
    sign = 1.0 if search.direction == "maximize" else -1.0
    found = []
    for part, (rows, _, _) in zip(tables.parts, tables.executions, strict=True):
        if part >= len(answers):
            return None
        validation, targets, said = answers[part]
        if not np.array_equal(validation, rows):
            return None
        scored = row_scores(metric, version.task, targets, said, classes)
        if scored is None:
            return None
        found.append(sign * scored[None, :])
    return tables.beside(found)
