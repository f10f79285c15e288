"""Exports a search as an Optuna storage (SQLite) with one study.

The tables are those of schema version 12; the file is made in memory. Source: `storages/_rdb/models.py`
of Optuna, as version 5.0 creates them.
"""

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from experiments.interop.exported_search import ExportedSearch, ExportedTrial
from experiments.search.history import Value
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed, FloatRange, IntRange

STATES: Final = {"completed": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL", "stopped": "FAIL"}
TABLES: Final = """
CREATE TABLE studies (study_id INTEGER NOT NULL PRIMARY KEY, study_name VARCHAR(512) NOT NULL);
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (version_info_id INTEGER NOT NULL PRIMARY KEY CHECK (version_info_id=1),
  schema_version INTEGER, library_version VARCHAR(256));
CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL PRIMARY KEY,
  direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL REFERENCES studies (study_id),
  objective INTEGER NOT NULL, UNIQUE (study_id, objective));
CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id), "key" VARCHAR(512), value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id), "key" VARCHAR(512), value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE trials (trial_id INTEGER NOT NULL PRIMARY KEY, number INTEGER,
  study_id INTEGER REFERENCES studies (study_id), state VARCHAR(8) NOT NULL,
  datetime_start DATETIME, datetime_complete DATETIME);
CREATE INDEX ix_trials_study_id ON trials (study_id);
CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id), "key" VARCHAR(512), value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_system_attributes (trial_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id), "key" VARCHAR(512), value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_params (param_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id), param_name VARCHAR(512), param_value FLOAT,
  distribution_json TEXT, UNIQUE (trial_id, param_name));
CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id), objective INTEGER NOT NULL,
  value FLOAT, value_type VARCHAR(7) NOT NULL, UNIQUE (trial_id, objective));
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id), step INTEGER NOT NULL,
  intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL, UNIQUE (trial_id, step));
CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL UNIQUE REFERENCES trials (trial_id), heartbeat DATETIME NOT NULL);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO version_info VALUES (1, 12, '5.0.0');
INSERT INTO alembic_version VALUES ('v3.2.0.a');
"""


def write_storage(search: ExportedSearch) -> bytes:
    """The file; trials that have not ended are left out, fixed hyperparameters are attributes."""
    trials = [trial for trial in search.trials if trial.state in STATES]
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(TABLES)
        database.execute("INSERT INTO studies VALUES (1, ?)", (search.name,))
        database.execute(
            "INSERT INTO study_directions VALUES (1, ?, 1, 0)", (search.direction.upper(),)
        )
        names = json.dumps([search.objective])
        database.execute(
            "INSERT INTO study_system_attributes VALUES (1, 1, 'study:metric_names', ?)", (names,)
        )
        for key, trial in enumerate(trials, start=1):
            _write(database, search, key, trial)
        database.commit()
        return database.serialize()


def _write(
    database: sqlite3.Connection, search: ExportedSearch, key: int, trial: ExportedTrial
) -> None:
    times = (_time(trial.started), _time(trial.ended))
    database.execute(
        "INSERT INTO trials VALUES (?, ?, 1, ?, ?, ?)", (key, key - 1, STATES[trial.state], *times)
    )
    database.executemany(
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
        "VALUES (?, ?, ?, ?)",
        ((key, *row) for row in _parameters(search, trial)),
    )
    if trial.score is not None:
        database.execute(
            "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, ?, 'FINITE')",
            (key, trial.score),
        )
    database.executemany(
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
        "intermediate_value_type) VALUES (?, ?, ?, ?)",
        (
            (key, step, value, "FINITE" if _is_finite(value) else "NAN")
            for step, value in enumerate(trial.curve)
        ),
    )
    database.executemany(
        'INSERT INTO trial_user_attributes (trial_id, "key", value_json) VALUES (?, ?, ?)',
        ((key, name, json.dumps(value)) for name, value in _attributes(search, trial)),
    )


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _time(at: datetime | None) -> str | None:
    """Naive, in UTC, as Optuna's column keeps it."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _parameters(search: ExportedSearch, trial: ExportedTrial) -> Iterator[tuple[str, float, str]]:
    for name, value in trial.values.items():
        if name in search.space and search.space[name].is_searched:
            kind, attributes = _distribution(search.space[name], value)
            document = json.dumps({"name": kind, "attributes": attributes})
            choices = attributes.get("choices")
            yield name, float(value if choices is None else choices.index(value)), document


def _distribution(row: Hyperparameter, value: Value) -> tuple[str, dict[str, Any]]:
    """Its distribution; one of the value alone where the space has moved on since."""
    if row.problem(value):
        return "CategoricalDistribution", {"choices": [value]}
    if isinstance(row, Boolean):
        return "CategoricalDistribution", {"choices": [False, True]}
    if isinstance(row, Choice):
        return "CategoricalDistribution", {"choices": list(row.choices)}
    assert isinstance(row, IntRange | FloatRange)
    log = row.scale == "log"
    if isinstance(row, IntRange):
        whole = 1 if row.scale != "linear" else row.step or 1
        return "IntDistribution", {"log": log, "step": whole, "low": row.min, "high": row.max}
    step = row.step if row.scale == "linear" else None
    return "FloatDistribution", {"step": step, "low": row.min, "high": row.max, "log": log}


def _attributes(search: ExportedSearch, trial: ExportedTrial) -> Iterator[tuple[str, Any]]:
    """The number here, what is fixed, and every metric but the score."""
    yield "number", trial.number
    for name, value in trial.values.items():
        if name not in search.space or isinstance(search.space[name], Fixed):
            yield f"fixed.{name}", value
    for name, number in trial.metrics.items():
        if name != search.objective and number is not None:
            yield f"metrics.{name}", number
    if trial.message:
        yield "message", trial.message[:2000]
