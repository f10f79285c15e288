"""Fills an Optuna storage with the trials of the page bench. Runs in the peers' Python, which has Optuna.

`PYTHON -m benchmarks.pages.peer_optuna_fill FILE TRIALS`. Rows are inserted as `study.add_trial` would write
them, but together: one by one 10,000 trials of 50 epochs take ten minutes.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
)

from benchmarks.pages.data import OBJECTIVE, SPACE, Made, made_trials

STATES = {"completed": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL", "running": "RUNNING"}
MOMENT = "2026-01-01 00:00:00.000000"
BATCH = 500


def distribution(row: dict[str, Any]) -> BaseDistribution:
    """A row of the space in Optuna's words."""
    if row["type"] == "choice":
        return CategoricalDistribution(row["choices"])
    if row["type"] == "int":
        return IntDistribution(row["min"], row["max"])
    return FloatDistribution(row["min"], row["max"], log=row.get("scale") == "log")


def fill(file: Path, trials: int) -> None:
    """A study of so many trials: parameters, the objective's epochs, other metrics as attributes."""
    optuna.create_study(
        storage=f"sqlite:///{file}", study_name=f"{trials} trials", direction="maximize"
    )
    spaces = {row["name"]: distribution(row) for row in SPACE}
    stored = {name: distribution_to_json(each) for name, each in spaces.items()}
    with sqlite3.connect(file) as store:
        part: list[Made] = []
        for made in made_trials(trials):
            part.append(made)
            if len(part) == BATCH:
                _insert(store, part, spaces, stored)
                part = []
        _insert(store, part, spaces, stored)


def _insert(
    store: sqlite3.Connection,
    part: list[Made],
    spaces: dict[str, BaseDistribution],
    stored: dict[str, str],
) -> None:
    store.executemany(
        "INSERT INTO trials (trial_id, number, study_id, state, datetime_start, datetime_complete)"
        " VALUES (?, ?, 1, ?, ?, ?)",
        [(each.number + 1, each.number, STATES[each.state], MOMENT, _end(each)) for each in part],
    )
    store.executemany(
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
        [
            (each.number + 1, name, spaces[name].to_internal_repr(value), stored[name])
            for each in part
            for name, value in each.values.items()
        ],
    )
    store.executemany(
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, ?, 'FINITE')",
        [(each.number + 1, each.score) for each in part if each.score is not None],
    )
    store.executemany(
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
        " VALUES (?, ?, ?, 'FINITE')",
        [
            (each.number + 1, epoch, value)
            for each in part
            for epoch, value in enumerate(each.history[OBJECTIVE])
        ],
    )
    store.executemany(
        "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)",
        [line for each in part for line in _attributes(each)],
    )


def _end(made: Made) -> str | None:
    return None if made.state == "running" else MOMENT


def _attributes(made: Made) -> Iterator[tuple[int, str, str]]:
    for name, values in made.history.items():
        if name != OBJECTIVE:
            yield made.number + 1, name, json.dumps(values[-1])


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
