"""Reports: what a trial's executions took of their machine, over their training time. Imports models."""

from typing import Any

from experiments.models import Trial
from experiments.reports.figures import finite_list


def usage_report(trial: Trial) -> dict[str, Any]:
    """An entry for each execution that has one: at most 120 stretches, so its size is bounded.

    One query. `epoch_seconds` says where each epoch of the curve above ends.
    """
    columns = ("index", "state", "epochs", "seconds", "epoch_seconds", "usage")
    planned = trial.values.get("epochs", 0)
    return {
        "planned": planned if isinstance(planned, int) else 0,
        "executions": [
            {
                **row,
                "seconds": round(row["seconds"], 3),
                "epoch_seconds": finite_list(row["epoch_seconds"], 4),
            }
            for row in trial.executions.order_by("index").values(*columns)
            if row["usage"]
        ],
    }
