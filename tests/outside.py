"""Searches of scripts for tests: a plan, an experiment that waits, and its first trials."""

from experiments.external_plan import ExternalPlan
from experiments.models import Experiment, Project
from experiments.search.space.space import Space
from experiments.services.external.searches import create_outside
from experiments.services.external.trials import ReportedEpoch
from experiments.tuner.external_trials import TrialGiven, ask, report, tell

SPACE = {
    "hyperparameters": [
        {"name": "lr", "type": "float", "min": 1e-4, "max": 1.0, "scale": "log"},
        {"name": "units", "type": "int", "min": 8, "max": 128, "step": 8},
    ]
}


def make_outside(project: Project, *, by=None, space=SPACE, **options) -> Experiment:
    """A search that scripts may ask at once: random, by val_accuracy, five trials."""
    plan = {"name": "Outside", "objective": "val_accuracy", "sampler": "random", "max_trials": 5}
    if space is not None:
        plan["space"] = space
    return create_outside(project, ExternalPlan.from_dict({**plan, **options}), by=by)


def asked(experiment: Experiment, worker: str = "a", **options) -> TrialGiven:
    """A trial, or the test fails."""
    found = ask(experiment, worker=worker, **options)
    assert isinstance(found, TrialGiven), found
    return found


def epochs(*scores: float, first: int = 1, metric: str = "val_accuracy") -> list[ReportedEpoch]:
    """One epoch for each score."""
    return [ReportedEpoch(first + i, {metric: score}, 0.5) for i, score in enumerate(scores)]


def run_all(experiment: Experiment, workers=("a", "b")) -> None:
    """Scripts ask, report and tell in turns until the search is over."""
    while True:
        for worker in workers:
            found = ask(experiment, worker=worker)
            if not isinstance(found, TrialGiven):
                return
            score = found.values["units"] / 200 + found.values["lr"] / 10
            report(found.key, epochs(score / 2, score))
            tell(found.key)


def space_of(*rows: dict) -> Space:
    """A space of these rows."""
    return Space.from_dict({"hyperparameters": list(rows)})
