"""Reports: every trial of an experiment as columns, as charts read it. Imports models."""

from collections.abc import Collection
from typing import Any

from experiments.models import Experiment
from experiments.reports.trials.all_trials import trial_columns_json
from experiments.reports.trials.table import trial_columns


def history_report(
    experiment: Experiment, numbers: Collection[int] | None = None
) -> dict[str, Any]:
    """As JSON, docs/guide/chart-data.md tells it; numbers: of the trials to read, None for all."""
    return {
        "serial": experiment.event_serial,
        "objective": experiment.objective,
        "direction": experiment.direction,
        "max_trials": experiment.max_trials,
        "trials": trial_columns_json(experiment, trial_columns(experiment), numbers),
    }
