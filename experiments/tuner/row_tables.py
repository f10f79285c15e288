"""Reads what every trial scored on every validation row, as tables that can be compared and resampled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from experiments.catalog.plan_metrics import tested_metric
from experiments.changed_files import artifact_file, in_words
from experiments.data_schema import DataSchema
from experiments.digests import ChangedFile
from experiments.evaluation.cross_epochs import MOST_ROWS
from experiments.evaluation.expected import Codes, Matrix, RowTable
from experiments.evaluation.row_estimates import Vector
from experiments.evaluation.row_scores import row_scores
from experiments.evaluation.score_rules import kept_weights, scores_at_others_epochs
from experiments.models import Artifact, Execution, Experiment
from experiments.services.datasets.splits import split_units

# Search scores that differ more from their rows' mean are no mean of rows: a penalty on weights, own losses.
TOLERANCE: Final = 0.01
NONE_KEPT: Final = "No predictions for the validation rows were kept."


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """What one execution scored on its rows, higher is better; crossed: at epochs that other rows chose."""

    rows: Codes
    shown: Matrix
    crossed: Matrix | None


@dataclass(frozen=True, slots=True)
class Tables:
    """Trials over the same rows, by the keys that were asked for.

    table: all executions as one, None where there are none. executions: of each, rows' numbers and both tables
    (`RowTable.of`). parts: which part each was of. units: of each row of the data, None where each stands for
    itself. why: what is missing, empty where nothing is.
    """

    keys: tuple[int, ...]
    table: RowTable | None = None
    executions: tuple[tuple[Codes, Matrix, Matrix], ...] = ()
    parts: tuple[int, ...] = ()
    units: Codes | None = None
    why: str = ""

    def beside(self, scores: Sequence[Matrix]) -> RowTable:
        """Other scores of the same executions' rows, each (k, n), higher is better, as trials without epochs."""
        rows = [(own[0], each, each) for own, each in zip(self.executions, scores, strict=True)]
        return RowTable.of(range(len(scores[0])), rows, self.units)

    def fits(self, other: "Tables") -> bool:
        """Whether another one is over the same rows."""
        return len(self.executions) == len(other.executions) and all(
            np.array_equal(own[0], its[0])
            for own, its in zip(self.executions, other.executions, strict=True)
        )


def row_tables(search: Experiment, trials: Mapping[int, int]) -> Tables:
    """Of completed trials of a search and its baselines: key to primary key.

    Trials without all row scores are left out, and `why` says so.
    """
    if not trials:
        return Tables(())
    if not search.objective.startswith("val_"):
        return Tables((), why="The objective is not measured on validation rows.")
    scored = list(
        Execution.objects.filter(trial__in=trials.values(), score__isnull=False).order_by("index")
    )
    stored, changed = _stored(search, [each.pk for each in scored])
    if not stored:
        return Tables((), why=changed or NONE_KEPT)
    by_trial: dict[int, list[Execution]] = {}
    for each in scored:
        by_trial.setdefault(each.trial_id, []).append(each)
    count = max(map(len, by_trial.values()))
    whole = {
        key: by_trial[trial]
        for key, trial in trials.items()
        if len(by_trial.get(trial, ())) == count
        and all(each.pk in stored for each in by_trial[trial])
    }
    if not all(_is_mean(each, stored[each.pk]) for runs in whole.values() for each in runs):
        return Tables((), why=f"{search.objective} is not a mean over validation rows.")
    keys = _over_the_same_rows(whole, stored)
    if not keys:
        return Tables((), why=changed or NONE_KEPT)
    runs = [whole[key] for key in keys]
    shown = [np.stack([stored[each[place].pk].shown for each in runs]) for place in range(count)]
    fair, why = _fair(search, runs, stored, shown)
    rows = [stored[runs[0][place].pk].rows for place in range(count)]
    left_out = len(trials) - len(keys)
    if left_out:
        words = f"Predictions of {left_out:,} of {len(trials):,} trials were not kept."
        why = " ".join(filter(None, (words, changed, why)))
    executions = tuple(zip(rows, shown, fair, strict=True))
    units = split_units(search.dataset_version, search.protocol)
    return Tables(
        tuple(keys),
        RowTable.of(keys, executions, units),
        executions,
        tuple(each.part for each in runs[0]),
        units,
        why,
    )


def part_table(search: Experiment, trials: Mapping[int, int]) -> RowTable | None:
    """Scores of folds or rounds as a table, for where there are none of rows; None with a single part.

    A unit is a part: repeats on the same rows are no new ones.
    """
    protocol = search.protocol
    if protocol.parts_count < 2:
        return None
    sign = 1.0 if search.direction == "maximize" else -1.0
    runs: dict[int, list[Execution]] = {key: [] for key in trials}
    keys = {trial: key for key, trial in trials.items()}
    scored = Execution.objects.filter(trial__in=keys, score__isnull=False).order_by("index")
    for each in scored:
        runs[keys[each.trial_id]].append(each)
    whole = {key: each for key, each in runs.items() if len(each) == protocol.executions}
    if not whole:
        return None
    shown = sign * np.array([[each.score for each in run] for run in whole.values()], dtype=float)
    fair = shown - np.stack([_luck(search, run) for run in whole.values()])
    parts = np.array([each.part for each in next(iter(whole.values()))])
    executions = [
        (parts[[place]], shown[:, [place]], fair[:, [place]]) for place in range(len(parts))
    ]
    return replace(RowTable.of(tuple(whole), executions), rows=0)


def _stored(search: Experiment, executions: Sequence[int]) -> tuple[dict[int, ScoredRows], str]:
    """By execution; of a file without row scores, or that changed, none. Then: which one changed, in words."""
    sign = 1.0 if search.direction == "maximize" else -1.0
    files = Artifact.objects.filter(execution__in=executions, kind=Artifact.Kind.PREDICTIONS)
    found, words = {}, ""
    for file in files:
        assert file.execution_id is not None
        try:
            with np.load(artifact_file(file), allow_pickle=False) as arrays:
                crossed = arrays.get("cross_scores")
                scores = _row_scores(search, arrays)
                if scores is None:
                    continue
                shown = sign * scores
                rows = arrays["rows"].astype(np.int64)
        except ChangedFile as changed:
            words = words or in_words(changed)
            continue
        except (EOFError, ValueError, KeyError, BadZipFile):
            continue
        if np.isfinite(shown).all():
            is_whole = crossed is not None and np.isfinite(crossed).all()
            found[file.execution_id] = ScoredRows(
                rows, shown, sign * crossed.astype(float) if is_whole else None
            )
    return found, words


def _row_scores(search: Experiment, arrays: Any) -> Vector | None:
    """At the kept epoch; of files of earlier versions, made of the predictions that they hold."""
    if "scores" in arrays:
        return np.asarray(arrays["scores"], float)
    schema = DataSchema.from_dict(search.dataset_version.schema)
    metric = tested_metric(search.objective, schema)
    predictions, targets = arrays["predictions"], arrays["targets"]
    return row_scores(metric, schema.task, targets, predictions, schema.classes_count)


def _is_mean(execution: Execution, stored: ScoredRows) -> bool:
    mean, score = abs(float(stored.shown.mean())), abs(execution.score or 0.0)
    return abs(mean - score) <= TOLERANCE * max(score, TOLERANCE)


def _over_the_same_rows(
    whole: Mapping[int, Sequence[Execution]], stored: Mapping[int, ScoredRows]
) -> list[int]:
    """The keys of trials over the rows of most: an edited search may have two kinds."""
    seen = {
        key: b"".join(stored[each.pk].rows.tobytes() for each in runs)
        for key, runs in whole.items()
    }
    if not seen:
        return []
    most = Counter(seen.values()).most_common(1)[0][0]
    return [key for key, rows in seen.items() if rows == most]


def _fair(
    search: Experiment,
    runs: Sequence[Sequence[Execution]],
    stored: Mapping[int, ScoredRows],
    shown: Sequence[Matrix],
) -> tuple[list[Matrix], str]:
    """The tables at epochs that other rows chose, or other parts, and what can't be told of that."""
    if kept_weights(search.score_rule) != "best":
        return list(shown), ""
    followed = [[stored[each.pk].crossed for each in run] for run in runs]
    crossed = [[each for each in run if each is not None] for run in followed]
    if all(len(run) == len(shown) for run in crossed):
        return [np.stack([run[place] for run in crossed]) for place in range(len(shown))], ""
    if search.protocol.parts_count > 1:
        luck = np.stack([_luck(search, run) for run in runs])
        return [table - luck[:, [place]] for place, table in enumerate(shown)], ""
    if all(table.shape[1] > MOST_ROWS for table in shown):
        return list(shown), ""
    return list(shown), "How much is luck of the best epoch is not known."


def _luck(search: Experiment, runs: Sequence[Execution]) -> Matrix:
    """By how much each execution gains, higher is better, by reading its own best epoch: (executions,)."""
    curves = [each.history.get(search.objective, ()) for each in runs]
    own = np.array([each.score for each in runs], dtype=float)
    has_curves = all(any(value is not None for value in curve) for curve in curves)
    if kept_weights(search.score_rule) != "best" or not has_curves:
        return np.zeros(len(runs))
    higher = search.direction == "maximize"
    others = np.array(scores_at_others_epochs(curves, higher_is_better=higher))
    luck: Any = own - others if higher else others - own
    return np.asarray(luck)
