"""Compares a search's winner with its baselines, by rows where predictions are kept."""

from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np

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
from experiments.tuner.row_tables import Tables, row_tables

Outcome = Literal["better", "undecided", "worse", "unknown"]
BESIDE: Final = 0  # key of a baseline's own table


def outcomes(
    search: Experiment, winner: Trial, expected: Expected, tables: Tables, *, tried: int
) -> list[dict[str, Any]]:
    """What is stored with a winner of each baseline that has a score and isn't the winner itself.

    Each has name, phrase, trial (primary key, None where nothing was trained), score, `expected` (at epochs
    that other rows or parts chose), gain (of the winner, both as expected where that is known), p (that no
    trial is better), outcome of the winner (worse: the baseline is at least as good; undecided: it is better,
    and that may be luck), why there is none, and whether the baseline wins: by the same test with the roles
    exchanged, None without one.
    """
    found = []
    table, higher = tables.table, search.direction == "maximize"
    for each in compared(search, winner, scores_of(winner), looks=tried):
        if each.is_winner or each.mean is None:
            continue
        of_rows = _rows_of(search, each, tables) if expected.basis == "rows" else None
        found.append(
            {
                "name": each.name,
                "phrase": each.phrase,
                "trial": each.trial.pk if each.trial else None,
                "score": each.mean,
            }
            | (
                _by_executions(search, each, expected)
                if of_rows is None or table is None
                else by_rows(
                    table, winner.number, expected, of_rows, higher_is_better=higher, tried=tried
                )
            )
        )
    return found


def scored_baselines(search: Experiment) -> int:
    """How many trained ones have a score; one more and the winner is compared again."""
    runs = Trial.objects.filter(experiment__follows=search, score__isnull=False)
    return runs.filter(experiment__purpose=Purpose.BASELINE).count()


def by_rows(
    table: RowTable,
    winner: int,
    expected: Expected,
    baseline: RowTable,
    *,
    higher_is_better: bool,
    tried: int,
) -> dict[str, Any]:
    """What `outcomes` has of the trial of this number beside a baseline, over the same units."""
    sign = 1.0 if higher_is_better else -1.0
    mean = float(baseline.fair[0] @ table.weights)
    chances = chances_of_luck(table, baseline, of=tried)
    place = table.numbers.index(winner)
    gain = (
        None
        if expected.value is None
        else improvement(sign * expected.value, mean, higher_is_better=True)
    )
    found = _outcome(gain, is_better=bool(chances[place] <= LEVEL))
    only = [place]
    own = replace(table, numbers=(winner,), shown=table.shown[only], fair=table.fair[only])
    wins = p_of_none_better(baseline, own) <= LEVEL  # nobody chose it: it pays for no others
    return {"expected": sign * mean, "gain": gain, "p": float(chances.min()), "wins": wins} | found


def _by_executions(search: Experiment, each: Baseline, expected: Expected) -> dict[str, Any]:
    scores = each.scores if each.trial is None else fair_scores(search, each.trial)
    fair = float(np.mean(scores)) if len(scores) > 1 and expected.value is not None else None
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
