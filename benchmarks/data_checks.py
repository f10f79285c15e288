"""What the checks of an uploaded table cost, and how often they are wrong on healthy tables."""

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from experiments.ingest.checks.columns import column_outcomes
from experiments.ingest.checks.outcome import Found
from experiments.ingest.checks.repeats import table_repeats
from experiments.ingest.checks.target_leaks import leak_outcomes
from experiments.ingest.columns import facts_of
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice

TARGET_SECONDS: Final = 5.0
TARGET_ALARMS: Final = 0.05  # share of healthy tables with any finding
SECOND_TASK: Final = {"classification": "label", "regression": "y"}


def measure(*, rows: int, columns: int, tables: int) -> dict[str, Any]:
    """CPU and wall seconds of all checks on one large table, for both tasks; false alarms on small ones.

    A tenth of the columns are categories, one is written with currency, one holds dates.
    """
    frame = healthy_table(np.random.default_rng(1), rows, columns - 2)
    frame.insert(0, "price", [f"${value:,.2f}" for value in np.arange(rows) * 7.31])
    days = pd.date_range("1990-01-01", periods=rows, freq="h").strftime("%d.%m.%Y %H:%M")
    frame.insert(0, "day", days)
    seconds = {task: _timed(frame, task) for task in SECOND_TASK}
    wrong = [table for table in range(tables) if _alarms(table)]
    figures = {
        "rows": rows,
        "columns": columns,
        "seconds": seconds,
        "tables": tables,
        "false_alarms": len(wrong),
    }
    slowest = max(found["CPU"] for found in seconds.values())
    return figures | {"passed": slowest <= TARGET_SECONDS and len(wrong) <= TARGET_ALARMS * tables}


def healthy_table(rng: np.random.Generator, rows: int, columns: int) -> pd.DataFrame:
    """Numbers, some skewed, rounded or missing, and categories; a label and a number that follow some of them."""
    made: dict[str, Any] = {}
    for place in range(columns):
        kind = place % 10
        values = rng.standard_normal(rows)
        if kind == 0:
            levels = int(rng.integers(2, 30))
            made[f"kind {place}"] = np.array([f"k{i}" for i in range(levels)])[
                rng.integers(0, levels, rows)
            ]
        elif kind == 1:
            made[f"count {place}"] = rng.poisson(3, rows)
        else:
            values = np.exp(values) if kind == 2 else np.round(values, 2) if kind == 3 else values
            values[rng.random(rows) < (0.05 if kind == 4 else 0)] = np.nan
            made[f"number {place}"] = values
    numbers = [np.nan_to_num(values) for values in made.values() if values.dtype.kind in "if"]
    signal = np.sum(numbers[:5], axis=0) + rng.standard_normal(rows)
    made["y"] = signal
    made["label"] = np.array(["a", "b", "c"])[np.digitize(signal, np.quantile(signal, [0.3, 0.7]))]
    return pd.DataFrame(made)


def _timed(frame: pd.DataFrame, task: str) -> dict[str, float]:
    """Seconds of each check by itself; CPU and wall of all."""
    target = SECOND_TASK[task]
    uses = {name: "skip" for name in SECOND_TASK.values() if name != target}
    prepared = prepare_table(frame, TableChoice(target, task, uses))  # type: ignore[arg-type]
    empty = np.zeros((len(frame), 0), dtype=np.int32)
    numbers = prepared.arrays["numbers"]
    categories = prepared.arrays.get("categories", empty)
    facts = facts_of(frame)
    used = {one.name: one.use for one in facts}
    looks: dict[str, Callable[[], object]] = {
        "facts and readings": lambda: facts_of(frame),
        "reveal the target": lambda: list(
            leak_outcomes(prepared.schema, numbers, categories, [prepared.arrays["y"]])
        ),
        "repeated rows": lambda: list(table_repeats(numbers, categories)),
        "columns": lambda: list(column_outcomes(facts, used, len(frame))),
    }
    found, cpu, wall = {}, time.process_time(), time.perf_counter()
    for name, look in looks.items():
        begun = time.perf_counter()
        look()
        found[name] = round(time.perf_counter() - begun, 3)
    return found | {
        "CPU": round(time.process_time() - cpu, 3),
        "wall": round(time.perf_counter() - wall, 3),
    }


def _alarms(seed: int) -> list[Found]:
    rng = np.random.default_rng([seed, 7])
    rows = int(rng.choice([60, 150, 400, 1_000, 3_000]))
    frame = healthy_table(rng, rows, int(rng.integers(2, 40)))
    task = "classification" if seed % 2 else "regression"
    uses = {name: "skip" for name in SECOND_TASK.values() if name != SECOND_TASK[task]}
    prepared = prepare_table(frame, TableChoice(SECOND_TASK[task], task, uses))  # type: ignore[arg-type]
    return [one for one in prepared.profile["checks"] if one["outcome"] == "found"]
