"""What the leading trials of a search are expected to score on new rows."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, cast

from experiments.evaluation.expected import (
    Basis,
    Expected,
    RowTable,
    choice_of_best,
    expected_scores,
)
from experiments.evaluation.metrics import is_share
from experiments.evaluation.row_estimates import Measure, Scale
from experiments.models import Experiment
from experiments.search.history import History
from experiments.search.strategies.reevaluation import alone
from experiments.tuner.expected_metrics import expected_metrics
from experiments.tuner.row_tables import Tables, part_table

ONE_LEFT: Final = (
    "All other trials were stopped early, so what the choice among them adds is not known."
)
NOT_KEPT: Final = "Its predictions for the validation rows were not kept."
MOST: Final = 200  # leading trials that are resampled: no other one is ever the best


def leading_trials(search: Experiment, history: History, also: Collection[int]) -> dict[int, int]:
    """Number to primary key of the best trials by search score, and of these."""
    scored = sorted(
        alone(history).scored,
        key=lambda trial: cast(float, trial.score),
        reverse=search.direction == "maximize",
    )
    numbers = {trial.number for trial in scored[:MOST]} | {*also}
    return dict(search.trials.filter(number__in=numbers).values_list("number", "pk"))


def expected_of(
    search: Experiment,
    trials: Mapping[int, int],
    tables: Tables,
    *,
    tried: int,
    scored: int,
    also: Collection[int] = (),
) -> dict[int, Expected]:
    """By number, of all these trials; each has an `Expected`, if only to say why it has no value.

    tables: their row scores. tried: trials that the best is the best of; scored: of them, those that ran to their
    end. also: trials whose other metrics are asked for, beside those that might have been the best.
    """
    basis, table, why = _surest(search, trials, tables)
    if scored == 1 < tried:
        why = f"{why} {ONE_LEFT}".strip()
    found: dict[int, Expected] = {}
    if table is not None:
        choice = choice_of_best(table, seed=search.seed % 2**32, scored=scored, tried=tried)
        found = expected_scores(
            table,
            choice,
            Measure(search.direction == "maximize", _scale(search, table)),
            is_partial=bool(why),
        )
        if basis == "rows":
            metrics = expected_metrics(
                trials, tables, choice, found, also=also, is_partial=bool(why)
            )
            found |= {n: replace(found[n], metrics=each) for n, each in metrics.items()}
    unknown = Expected(None, basis="nothing", why=why or NOT_KEPT)
    return {
        number: replace(found[number], trials=tried, basis=basis, why=why)
        if number in found
        else replace(unknown, trials=tried)
        for number in trials
    }


def _surest(
    search: Experiment, trials: Mapping[int, int], tables: Tables
) -> tuple[Basis, RowTable | None, str]:
    """The surest table that there is, and what is missing in it."""
    if not search.objective.startswith("val_"):
        return "nothing", None, tables.why
    if len(tables.keys) == len(trials):
        return "rows", tables.table, tables.why
    by_parts = part_table(search, trials)
    if by_parts is not None:
        protocol = search.protocol
        kind = "folds" if protocol.kind == "k_fold" else "rounds"
        sure = (
            f"Estimated from the scores of {protocol.parts_count} {kind}, which is less certain."
        )
        return "folds", by_parts, f"{tables.why} {sure}".strip()
    if tables.table is not None:
        return "rows", tables.table, tables.why
    return "nothing", None, f"{tables.why} One validation set gives no other estimate.".strip()


def _scale(search: Experiment, table: RowTable) -> Scale:
    if is_share(search.objective):
        return "share"
    is_loss = search.direction == "minimize" and bool((table.shown @ table.weights < 0).all())
    return "loss" if is_loss else "number"
