"""Searches whose locked rows were revealed, without a model that was really trained."""

from dataclasses import replace

from experiments.models import Experiment, Purpose, Reveal
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.services.experiments.reveals import reveal
from tests.searches import make_dataset, make_plan, make_seat, run_search


def searched(project, by, name="Digits", version=None, **changes) -> Experiment:
    """A completed search of one trial; its dataset is open to all projects."""
    plan = replace(make_plan(version or make_dataset(), max_trials=1), name=name, **changes)
    experiment = create_experiment(project, plan, by=by)
    start_experiment(experiment, by=by)
    return run_search(experiment, make_seat())


def revealed(search: Experiment, by, *, state="ready", reason="The paper is due.") -> Reveal:
    """A reveal of its trial as if it had been scored."""
    assert search.purpose == Purpose.SEARCH
    trial = search.trials.get()
    trial.experiment = search
    found = reveal(trial, reason=reason, by=by)
    scores = {"accuracy": 0.9} if state == "ready" else {}
    Reveal.objects.filter(pk=found.pk).update(state=state, rows=60, scores=scores)
    found.refresh_from_db()
    return found
