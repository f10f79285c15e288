"""How our samplers came forward on the recorded tables, as the form's chart shows it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.search.runs import STEP, Run
from experiments.search.strategies.registry import SAMPLERS

RECORD: Final = Path(__file__).parents[2] / "experiments" / "search" / "recorded_regret.json"
QUARTILES: Final = {"low": 25, "median": 50, "high": 75}


def write_record(
    path: Path, tables: Sequence[str], seeds: int, runs: Mapping[str, Sequence[Run]]
) -> None:
    """Write the record of our samplers; peers among the runs are left out."""
    found = record(tables, seeds, {slug: runs[slug] for slug in SAMPLERS if slug in runs})
    path.write_text(json.dumps(found) + "\n")


def record(tables: Sequence[str], seeds: int, runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """The quartiles over all searches of the regret of the best trial so far, at most 1."""
    trials = min((max(run.search) for found in runs.values() for run in found), default=0)
    points = list(range(STEP, trials + 1, STEP))
    about = (
        f"Regret of the best trial so far in {len(tables) * seeds:,} searches per "
        f"sampler: {len(tables)} recorded tables of trained networks, {seeds} seeds "
        "each. 0 is the best configuration of the table, 1 its median. Line: median "
        "search; band: interquartile range."
    )
    strategies = {slug: _quartiles(found, points) for slug, found in runs.items()}
    return {"about": about, "trials": points, "strategies": strategies, "tables": list(tables)}


def _quartiles(runs: Sequence[Run], points: Sequence[int]) -> dict[str, list[float]]:
    paths = np.minimum([[run.search[at] for at in points] for run in runs], 1.0)
    return {
        name: [round(float(value), 4) for value in np.percentile(paths, share, axis=0)]
        for name, share in QUARTILES.items()
    }
