"""Runs that follow from a search: what they run, on which rows, and that the search stays as it was."""

from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.models import Activity, Experiment, Purpose
from experiments.reports.sampling.replay import replay
from experiments.services.experiments.follow_ups import confirm, refit, run_again
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.site.invariants import broken_invariants
from experiments.training.fit import ReduceLROnPlateau
from tests.examples import replan
from tests.searches import make_experiment, make_seat, run_search


@pytest.fixture
def search(project, owner, queues):
    """A search of four trials with two seeds each that has ended."""
    experiment = make_experiment(project, max_trials=4, repeats=2)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat())


def finished(experiment):
    run_search(experiment, make_seat())
    experiment.refresh_from_db()
    assert experiment.state == "completed"
    return list(experiment.trials.order_by("number"))


def test_a_confirmation_has_fresh_seeds_and_other_parts_of_the_same_rows(search, editor):
    run = confirm(search, [2, 0], by=editor)
    assert (run.purpose, run.follows) == (Purpose.CONFIRMATION, search)
    first, second = finished(run)
    assert [first.repeats.number, second.repeats.number] == [2, 0]
    assert first.values == search.trials.get(number=2).values
    old, new = storage.load_split(search.split_hash), storage.load_split(run.split_hash)
    assert np.array_equal(old.test, new.test)
    assert new.hash != old.hash
    assert len(new.parts) == first.executions.count() == 5
    seeds = {each.seed for trial in search.trials.all() for each in trial.executions.all()}
    assert not seeds & {each.seed for each in first.executions.all()}
    assert first.score is not None


def test_another_confirmation_draws_anew(search, editor):
    one = confirm(search, [1], by=editor)
    with pytest.raises(NotAllowed, match="Already running"):
        confirm(search, [1], by=editor)
    finished(one)
    other = confirm(search, [1], by=editor)
    assert other.split_hash != one.split_hash
    assert other.seed != one.seed


def test_a_refit_takes_every_row_but_the_locked_ones_for_the_median_best_epoch(search, editor):
    subject = search.trials.get(number=1)
    for execution, epoch in zip(subject.executions.order_by("index"), (2, 3), strict=True):
        type(execution).objects.filter(pk=execution.pk).update(best_epoch=epoch)
    run = refit(subject, by=editor)
    [trial] = finished(run)
    assert trial.values == subject.values | {"epochs": 2}
    assert trial.executions.count() == 1
    [(train, validation)] = storage.load_split(run.split_hash).parts
    locked = storage.load_split(search.split_hash).test
    assert len(validation) == 0
    assert sorted([*train, *locked]) == list(range(search.dataset_version.rows))
    assert (run.objective, run.score_rule) == ("loss", "last")
    assert run.fit.early_stopping_patience is None


def test_a_refit_says_that_a_plateau_is_left_out(search, editor):
    replan(search, fit=replace(search.fit, reduce_lr=ReduceLROnPlateau(factor=0.5)))
    [trial] = finished(refit(search.trials.get(number=1), by=editor))
    assert "learning rate stays constant" in trial.why


def test_run_again_has_the_same_seeds_and_parts(search, editor):
    subject = search.trials.get(number=3)
    run = run_again(subject, by=editor)
    [trial] = finished(run)
    assert run.split_hash == search.split_hash
    places = ("part", "repeat", "seed")
    assert [*trial.executions.values_list(*places)] == [*subject.executions.values_list(*places)]


def test_the_protocol_tab_of_each_run_shows_the_parts_that_it_really_has(search, editor, client):
    subject = search.trials.get(number=1)
    client.force_login(editor)
    for run in (
        confirm(search, [1], by=editor),
        refit(subject, by=editor),
        run_again(subject, by=editor),
    ):
        parts = storage.load_split(run.split_hash).parts
        sizes = [[len(train), len(validation)] for train, validation in parts]
        run.refresh_from_db()
        assert run.split_facts["parts"] == sizes
        # A refit validates nothing on purpose: that is no warning.
        assert not any("validation row of" in each for each in run.split_facts["warnings"])
        page = client.get(reverse("experiments:protocol", args=[run.code]))
        picture = page.context["picture"]
        assert len({bar.y for bar in picture.bars}) == len(parts)
        assert ("validation" in {key.kind for key in picture.keys}) == (
            run.purpose != Purpose.REFIT
        )
        assert "<h2>Split</h2>" in page.content.decode()


def test_the_search_and_its_lists_stay_as_they_were(search, editor):
    before = search.trials.count()
    for run in (
        confirm(search, [0], by=editor),
        run_again(search.trials.get(number=0), by=editor),
    ):
        finished(run)
    search.refresh_from_db()
    assert search.trials.count() == before
    assert replay(search).is_equal
    assert [*Experiment.objects.filter(purpose=Purpose.SEARCH)] == [search]
    verbs = Activity.objects.filter(experiment=search, user=editor).values_list("verb", flat=True)
    assert {"experiment.confirmation", "experiment.again"} <= {*verbs}
    assert not any(broken_invariants().values())


def test_only_trials_with_a_score_of_a_search_are_taken(search, editor, project):
    with pytest.raises(NotAllowed, match="no trial 9"):
        confirm(search, [9], by=editor)
    with pytest.raises(NotAllowed, match="at least one"):
        confirm(search, [], by=editor)
    search.trials.filter(number=1).update(state="pruned")
    with pytest.raises(NotAllowed, match="did not complete"):
        refit(search.trials.get(number=1), by=editor)
    run = confirm(search, [0], by=editor)
    with pytest.raises(NotAllowed, match="isn't a search"):
        confirm(run, [0], by=editor)
    draft = make_experiment(project)
    with pytest.raises(NotAllowed, match="no trial 0"):
        confirm(draft, [0], by=editor)


def test_further_objectives_are_measured_again_but_not_by_a_refit(search, owner):
    more = [{"name": "latency_1_ms", "direction": "minimize"}]
    replan(search, more_objectives=more)
    confirmation, again = (
        confirm(search, [1], by=owner),
        run_again(search.trials.get(number=1), by=owner),
    )
    for run in (confirmation, again):
        (trial,) = finished(run)
        assert trial.metrics["latency_1_ms"] == pytest.approx(0.1)
    (trial,) = finished(refit(search.trials.get(number=1), by=owner))
    assert "latency_1_ms" not in trial.metrics
