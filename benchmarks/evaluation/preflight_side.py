"""Checks searches before they run, runs them, and prints what each check promised and what was true.

A program of its own, since DATA_DIR is read with the settings:
`python -m benchmarks.evaluation.preflight_side FOLDER [NAME …]`. Prints a line of JSON for each search as it
ends. The searches are templates of the catalog on datasets that are there from the start.
"""

import json
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.installation import run_to_end, running_stack, set_up
from benchmarks.programs import cpu_seconds

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from experiments.models import Experiment, Preflight, Project
    from experiments.plan import ExperimentPlan
    from experiments.stack.supervisor import Supervisor

SLOTS = 2
LONGEST_CHECK = 120.0


@dataclass(frozen=True, slots=True)
class Case:
    """One search: a template on a dataset, and what its plan has other than the form's defaults.

    patience: of early stopping, None: off. values: hyperparameters that are fixed.
    """

    data: str
    model: str
    trials: int = 20
    slots: int = SLOTS
    sampler: str = "auto"
    pruner: str = "auto"
    patience: int | None = 5
    protocol: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


CASES = {
    "defaults": Case("digits", "image-mlp", 14),
    "holdout": Case("digits", "image-mlp", 24, protocol={"kind": "holdout"}),
    "whole folds": Case(
        "digits", "image-mlp", 8, 1, "random", patience=None, protocol={"racing": False}
    ),
    "pictures": Case("digits", "cnn", 8, protocol={"kind": "holdout"}),
    "three folds": Case("breast_cancer", "residual-mlp", 12, protocol={"folds": 3}),
    "seeds": Case("wine", "table-mlp", 14, 1, "tpe", protocol={"kind": "holdout", "repeats": 3}),
    "rounds": Case("diabetes", "table-mlp", 14, protocol={"kind": "subsampling", "rounds": 4}),
    "one at a time": Case("iris", "table-mlp", 12, 1, "quasi_random"),
    "many epochs": Case(
        "house_prices", "table-mlp", 12, protocol={"kind": "holdout"}, values={"epochs": 100}
    ),
    "wide": Case("house_prices", "wide-deep", 8, 2, "random", protocol={"folds": 3}),
    "mnist": Case("mnist", "image-mlp", 4, 2, "random", patience=None, values={"epochs": 3}),
    "median": Case("breast_cancer", "table-mlp", 16, 2, "random", "median"),
}


def plan_of(case: Case, name: str, version: Any) -> "ExperimentPlan":
    """The form's defaults for this data and model, with what the case changes."""
    from experiments.catalog.registry import CATALOG
    from experiments.data_schema import DataSchema
    from experiments.plan import default_plan
    from experiments.search.budget import Budget
    from experiments.search.space.space import Space
    from experiments.search.strategies.registry import PRUNERS, SAMPLERS
    from experiments.search.strategy import read_options

    schema = DataSchema.from_dict(version.schema)
    plan = default_plan(schema, CATALOG[case.model], version.pk, name)
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        if row["name"] in case.values:
            value = case.values[row["name"]]
            row.update(type="fixed", value=value, default=value, choices=[], only_if=None)
    return replace(
        plan,
        sampler=case.sampler,
        sampler_options=read_options(SAMPLERS[case.sampler], {}),
        pruner=case.pruner,
        pruner_options=read_options(PRUNERS[case.pruner], {}),
        space=Space.from_dict(space),
        fit=replace(plan.fit, early_stopping_patience=case.patience),
        protocol=replace(plan.protocol, **case.protocol),
        budget=Budget(max_trials=case.trials, parallel=case.slots),
    )


class Load:
    """Time on the clock, and how much of the machine others took meanwhile."""

    def __init__(self) -> None:
        """Start the clocks."""
        self._tree = psutil.Process()
        self._began = time.monotonic()
        self._own, self._busy = cpu_seconds(self._tree), _busy_seconds()

    def so_far(self) -> tuple[float, float]:
        """Seconds, and the share of all cores that other programs used, 0 to 1."""
        seconds = time.monotonic() - self._began
        own, busy = cpu_seconds(self._tree) - self._own, _busy_seconds() - self._busy
        cores = psutil.cpu_count() or 1
        return seconds, max(0.0, busy - own) / (seconds * cores)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice)


def checked(
    supervisor: "Supervisor", project: "Project", plan: "ExperimentPlan", user: "User"
) -> "Preflight":
    """Ask for the check and wait for its end."""
    from experiments.services.experiments.preflights import request_preflight

    preflight = request_preflight(project, plan, by=user, token=uuid.uuid4(), starts=False)

    def is_over() -> bool:
        preflight.refresh_from_db()
        return preflight.is_over

    supervisor.wait(is_over, timeout_seconds=LONGEST_CHECK)
    return preflight


def run_case(
    supervisor: "Supervisor", project: "Project", plan: "ExperimentPlan", user: "User"
) -> dict[str, Any]:
    """The range that the check tells, then the search's real time from its start to its end."""
    from experiments.services.experiments.baselines import start_search
    from experiments.services.experiments.lifecycle import create_experiment

    load = Load()
    preflight = checked(supervisor, project, plan, user)
    if preflight.state != "passed":
        raise RuntimeError(f"{plan.name}: the check {preflight.state}: {preflight.message}")
    _, others_then = load.so_far()
    experiment = create_experiment(project, plan, by=user)
    load = Load()
    run_to_end(supervisor, experiment, start_search)
    seconds, others = load.so_far()
    estimate = preflight.result["estimate"]
    return {
        # A machine that is too busy times nothing within the check's 30 seconds.
        "range": estimate and [round(estimate["low"], 1), round(estimate["high"], 1)],
        "seconds": round(seconds, 1),
        "check_seconds": preflight.result["seconds"],
        "others_share_at_check": round(others_then, 2),
        "others_share": round(others, 2),
        "lines": preflight.result["lines"],
        "trials": _trials(experiment),
    }


def _trials(experiment: "Experiment") -> list[dict[str, Any]]:
    found = []
    for trial in experiment.trials.order_by("number"):
        rows = trial.executions.order_by("pk").values("epochs", "seconds", "state")
        found.append(
            {
                "state": trial.state,
                "values": trial.values,
                "began": trial.started.timestamp() if trial.started else None,
                "ended": trial.ended.timestamp() if trial.ended else None,
                "executions": list(rows),
            }
        )
    return found


def measure(folder: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    """Start the stack once, check and run each case."""
    from django.contrib.auth.models import User

    from experiments.services.datasets.built_in import load_built_in
    from experiments.services.site.projects import create_project

    user = User.objects.create_user("bench")
    project = create_project("Bench", "", by=user)
    with running_stack(folder / "data", SLOTS) as supervisor:
        for name in names:
            plan = plan_of(CASES[name], name, load_built_in(CASES[name].data))
            found = run_case(supervisor, project, plan, user)
            yield {"name": name, **found}


def main() -> None:
    """Read the arguments, measure, print."""
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(CASES)
    set_up(folder / "data", slots=SLOTS)
    for run in measure(folder, names):
        sys.stdout.write(json.dumps(run) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
