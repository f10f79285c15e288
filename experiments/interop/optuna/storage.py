"""Reads one study of an Optuna storage (SQLite) from its tables.

Source: `storages/_rdb/models.py` of Optuna, schema version 12 (Optuna 2.x to 5): alembic v3.0.0 and later
for values with their types. The file is somebody else's: it is opened in memory, as plain tables only,
and a query that does not end is cut off.
"""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from experiments.interop.imported_search import (
    Curves,
    ImportedSearch,
    ImportedTrial,
    ImportRefused,
    Skipped,
    finite,
    strict,
    time_of,
)
from experiments.interop.inferred_space import Entry, fitting_values, lacking, space_of
from experiments.interop.optuna.distributions import entry_of, read_distribution, value_of
from experiments.search.history import Direction, TrialState

MAGIC: Final = b"SQLite format 3\0"
SCHEMA: Final = 12
TABLES: Final = ("studies", "study_directions", "trials", "trial_params", "trial_values")
STEPS: Final = 200_000_000  # of SQLite's machine; reading 100,000 trials takes a tenth
STATES: Final[dict[str, TrialState]] = {
    "COMPLETE": "completed",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "RUNNING": "stopped",
}
WAITING: Final = "WAITING"
NEWER: Final = "Was the storage written by a newer Optuna than 5? Update Tuning Site."
INFINITE: Final = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
Row = tuple[Any, ...]


def read_storage(
    content: bytes, *, study: str = "", direction: Direction | None = None
) -> ImportedSearch:
    """The storage's one study, or the one that is named. Raises ImportRefused."""
    if not content.startswith(MAGIC):
        raise ImportRefused("Not an SQLite file.")
    plain = bytearray(content)
    plain[18:20] = b"\1\1"  # of a file in WAL mode, which can't be opened in memory
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(bytes(plain))
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            left = iter(range(STEPS // 10_000))
            database.set_progress_handler(lambda: int(next(left, None) is None), 10_000)
            _check(database)
            return _Study(database, study, direction).search()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise ImportRefused(f"The storage can't be read: {error}.") from error


def _check(database: sqlite3.Connection) -> None:
    tables = {
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    missing = [name for name in TABLES if name not in tables]
    if missing:
        raise ImportRefused(f"Not an Optuna storage: it has no table {missing[0]}.")
    found = database.execute("SELECT schema_version FROM version_info").fetchone()
    if found is None or found[0] != SCHEMA:
        version = "none" if found is None else found[0]
        if isinstance(version, int) and version > SCHEMA:
            raise ImportRefused(
                f"The storage has schema version {version} of a newer Optuna; this version of "
                f"Tuning Site reads {SCHEMA}. Update Tuning Site."
            )
        raise ImportRefused(
            f"The storage has schema version {version}; expected {SCHEMA}. Run `optuna "
            "storage upgrade` on an older storage."
        )
    columns = {row[1] for row in database.execute("PRAGMA table_info(trial_values)")}
    if "value_type" not in columns:
        raise ImportRefused(
            "The storage was written before Optuna 3. Run `optuna storage upgrade`."
        )


class _Study:
    """One study while it is read."""

    def __init__(
        self, database: sqlite3.Connection, wanted: str, direction: Direction | None
    ) -> None:
        self._database = database
        self._direction = direction
        studies: dict[str, int] = dict(
            self._rows("SELECT study_name, study_id FROM studies ORDER BY study_id")
        )
        if not studies:
            raise ImportRefused("The storage has no study.")
        if wanted and wanted not in studies:
            listed = ", ".join(studies)[:300]
            raise ImportRefused(f"It has no study {wanted}. It has: {listed}.", field="study")
        if not wanted and len(studies) > 1:
            listed = ", ".join(list(studies)[:10])
            message = f"It has {len(studies)} studies: {listed}. Choose one."
            raise ImportRefused(message, field="study")
        self._name: str = wanted or next(iter(studies))
        self._key: int = studies[self._name]

    def search(self) -> ImportedSearch:
        """All of it, in six queries."""
        trials = self._rows(
            "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials "
            "WHERE study_id = ? ORDER BY number",
            self._key,
        )
        entries, values = self._parameters()
        read = space_of(entries)
        names, directions = self._objectives()
        scores, curves = self._scores(), self._curves(names[0])
        here = [row for row in trials if row[2] != WAITING]
        unknown = next((row[2] for row in here if row[2] not in STATES), None)
        if unknown is not None:
            raise ImportRefused(f"A trial has the unknown state {unknown}. {NEWER}")
        fitted = {pk: fitting_values(values[pk], read) for pk, *_ in here}
        found = tuple(
            self._trial(row, fitted[row[0]], scores[row[0]], curves.get(row[0], {}), names)
            for row in here
        )
        if not found:
            raise ImportRefused(f"The study {self._name} has no trial that started.")
        waiting = len(trials) - len(here)
        skipped = (Skipped(f"{waiting} trials", "They had not started."),) if waiting else ()
        return ImportedSearch(
            format="optuna",
            name=self._name,
            objective=names[0],
            direction=self._direction or directions[0],
            space=read.space,
            trials=found,
            counted_as=lacking(list(fitted.values()), read),
            skipped=skipped,
            notes=(*read.notes, *_objective_notes(names)),
        )

    def _rows(self, query: str, *arguments: Any) -> list[Row]:
        return self._database.execute(query, arguments).fetchall()

    def _parameters(self) -> tuple[list[Entry], dict[int, dict[str, Any]]]:
        """Every distribution that a name had, and the values of each trial."""
        rows = self._rows(
            "SELECT p.trial_id, p.param_name, p.param_value, p.distribution_json "
            "FROM trial_params p JOIN trials t ON t.trial_id = p.trial_id "
            "WHERE t.study_id = ? ORDER BY t.number, p.param_id",
            self._key,
        )
        entries: dict[tuple[str, str], Entry] = {}
        values: dict[int, dict[str, Any]] = defaultdict(dict)
        for pk, name, inside, text in rows:
            kind, attributes = read_distribution(name, text)
            entries.setdefault((name, text), entry_of(name, kind, attributes))
            values[pk][name] = value_of(name, kind, attributes, inside)
        return list(entries.values()), values

    def _objectives(self) -> tuple[list[str], list[Direction]]:
        rows = self._rows(
            "SELECT objective, direction FROM study_directions WHERE study_id = ? ORDER BY objective",
            self._key,
        )
        stored = self._rows(
            "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = ?",
            self._key,
            "study:metric_names",
        )
        numbered = ["value"] if len(rows) < 2 else [f"value_{place}" for place, _ in rows]
        try:
            named = [str(name) for name in json.loads(stored[0][0])] if stored else numbered
        except (ValueError, TypeError):
            named = numbered
        names = named if len(named) == len(rows) else numbered
        directions: list[Direction] = [
            "maximize" if word == "MAXIMIZE" else "minimize" for _, word in rows
        ]
        return names, directions or ["minimize"]

    def _scores(self) -> dict[int, dict[int, float | None]]:
        rows = self._rows(
            "SELECT v.trial_id, v.objective, v.value, v.value_type FROM trial_values v "
            "JOIN trials t ON t.trial_id = v.trial_id WHERE t.study_id = ?",
            self._key,
        )
        found: dict[int, dict[int, float | None]] = defaultdict(dict)
        for pk, place, value, kind in rows:
            found[pk][place] = INFINITE.get(kind, value)
        return found

    def _curves(self, objective: str) -> dict[int, Curves]:
        """Intermediate values by step, the first step as the first epoch; steps left out stay empty."""
        rows = self._rows(
            "SELECT v.trial_id, v.step, v.intermediate_value, v.intermediate_value_type "
            "FROM trial_intermediate_values v JOIN trials t ON t.trial_id = v.trial_id "
            "WHERE t.study_id = ? ORDER BY v.trial_id, v.step",
            self._key,
        )
        found: dict[int, dict[int, float | None]] = defaultdict(dict)
        for pk, step, value, kind in rows:
            found[pk][step] = finite(INFINITE.get(kind, value))
        return {pk: {objective: tuple(steps.values())} for pk, steps in found.items()}

    def _trial(
        self,
        row: Row,
        values: dict[str, Any],
        scores: dict[int, float | None],
        curves: Curves,
        names: Sequence[str],
    ) -> ImportedTrial:
        _, number, status, started, ended = row
        score = scores.get(0)
        state = STATES[status]
        lost = state == "completed" and finite(score) is None
        return ImportedTrial(
            key=str(number),
            status=status,
            state="failed" if lost else state,
            values=values,
            score=finite(score) if state == "completed" else None,
            metrics={
                name: finite(scores[place]) for place, name in enumerate(names) if place in scores
            },
            curves=curves,
            message=f"Its score {score} isn't a finite number." if lost else "",
            started=time_of(started),
            ended=time_of(ended),
            source={"score": strict(math.nan if score is None else score)} if lost else {},
            is_open=status == "RUNNING",
        )


def _objective_notes(names: Sequence[str]) -> list[str]:
    if len(names) < 2:
        return []
    rest = ", ".join(names[1:])
    return [f"It has several objectives: {names[0]} ranks the trials here; {rest} become metrics."]
