"""A search's winner against its baselines, by rows: what is stored with it."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import jobs, storage
from experiments.evaluation.expected import RowTable
from experiments.models import Artifact, Experiment, Trial
from experiments.queues import SHORT, queue
from experiments.reports.winner.baselines import baselines, constant_answers
from experiments.reports.winner.follow_ups import scores_of
from experiments.search.space.space import Space
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.lifecycle import create_experiment
from experiments.services.experiments.winner import COMPLETE, ask_for_promises
from experiments.tuner.baseline_outcomes import by_rows
from experiments.tuner.winner import name_winner
from tests.replay_pool import Recording, ReplayPool
from tests.row_scores import store_rows
from tests.searches import make_dataset, make_experiment, make_plan, make_seat, run_search

pytestmark = pytest.mark.django_db


def run(project, owner, rights, *, trials=6, **protocol):
    """A search and its baselines whose trials get such a share of their rows right: rights(order)."""
    chances: dict[int, float] = {}

    def replayed(order, execution):
        share = chances.setdefault(order.trial, rights(order))
        return Recording(({"val_accuracy": share, "loss": 1.0},))

    plan = make_plan(make_dataset(project), max_trials=trials)
    own = replace(plan.protocol, racing=False, **protocol)
    search = create_experiment(project, replace(plan, protocol=own), by=None)
    start_search(search, by=owner)
    seat = make_seat(ReplayPool(replayed))
    run_search(search, seat, turns=trials + 5)
    for each in search.follow_ups.all():
        run_search(each, seat)
    keep(search, chances)
    name_winner_again(search)
    search.refresh_from_db()
    return search


def keep(search, chances):
    """Row scores of every trial on the search's own validation rows; a better trial gets the same rows right."""
    parts = storage.load_parts(search.split_hash)
    for run in (search, *search.follow_ups.all()):
        for trial in run.trials.all():
            for each in trial.executions.all():
                rows = parts[each.part][1]
                luck = np.random.default_rng([each.part, trial.pk]).random(len(rows))
                own = np.random.default_rng(each.part).random(len(rows))
                right = (0.8 * own + 0.2 * luck) < chances[trial.pk]
                each.score = float(right.mean())
                each.save()
                store_rows(each, rows, right, right)
            trial.score = float(np.mean([each.score for each in trial.executions.all()]))
            trial.save()


def name_winner_again(search):
    best = search.trials.order_by("-score", "number")[0]
    Experiment.objects.filter(pk=search.pk).update(
        winner={}, recommended_trial=None, best_trial=best
    )
    name_winner(search.pk)


def by_name(search):
    return {each["name"]: each for each in search.winner["baselines"]}


def test_two_folds_far_above_the_constant_beat_it(project, owner, queues):
    """Seen: .958 against .333 with two folds, and "No configuration beats a baseline"."""
    search = run(project, owner, lambda order: 0.9, kind="k_fold", folds=2)
    constant = by_name(search)["Majority class"]
    assert constant["outcome"] == "better" and constant["p"] < 0.05
    assert constant["trial"] is None and constant["gain"] > 0.3
    winner = search.recommended_trial
    shown = baselines(search, winner, scores_of(winner), looks=6)
    [found] = [each for each in shown if each.name == "Majority class"]
    assert found.beaten is True and found.gain == constant["gain"]


def test_one_fit_is_tested_by_its_rows(project, owner, queues):
    search = run(project, owner, lambda order: 0.9)
    assert by_name(search)["Majority class"]["outcome"] == "better"
    assert search.winner["rows"] > 0


def test_what_only_seems_better_is_undecided_or_worse(project, owner, queues):
    share = 0.0

    def as_constant(order):
        return share

    search = make_experiment(project, max_trials=1)
    answers = constant_answers(search)
    _, targets, said = answers[0]
    share = float((said.argmax(1) == targets).mean())
    search = run(project, owner, as_constant)
    constant = by_name(search)["Majority class"]
    assert constant["outcome"] in {"undecided", "worse"} and constant["p"] > 0.05


def test_a_baseline_that_is_as_good_is_named_and_the_search_pays_for_its_choice(
    project, owner, queues
):
    search = run(project, owner, lambda order: 0.7)
    default = by_name(search)["Default configuration"]
    assert default["trial"] in {t.pk for f in search.follow_ups.all() for t in f.trials.all()}
    assert default["expected"] == pytest.approx(default["score"], abs=1e-6)
    assert default["outcome"] != "better"


def table_of(*shares, rows=400):
    """Of trials that get such shares of their rows right, the first so many rows of each."""
    right = np.array([np.arange(rows) < share * rows for share in shares], dtype=float)
    weights = np.full(rows, 1 / rows)
    return RowTable(tuple(range(len(shares))), right, right, weights, rows)


def beside(own, baseline, value=None, **more):
    """The only trial of a search beside a baseline, each with its share of right rows."""
    return by_rows(
        *(table_of(own), 0, table_of(baseline)),
        reached=(own if value is None else value, baseline),
        higher_is_better=True,
        tried=1,
        **more,
    )


def test_equal_but_for_rounding_is_at_least_as_good():
    """Seen: 1.000 beside 1.000, "better by 2e-16 (not significant)" and no warning."""
    for value in (1.0 + 2.3e-16, 1.0 - 2.3e-16, 1.0):
        found = beside(1.0, 1.0, value)
        assert (found["gain"], found["outcome"], found["wins"]) == (0.0, "worse", False)


def test_a_baseline_ahead_is_tested_as_the_winner_is():
    assert beside(0.6, 0.9)["wins"] is True
    close = beside(0.9, 0.9025)
    assert (close["outcome"], close["wins"]) == ("worse", False)
    assert beside(0.9, 0.6)["wins"] is False


def trained_baselines(search):
    return {trial.pk: trial for each in search.follow_ups.all() for trial in each.trials.all()}


def test_a_trained_baseline_is_offered_with_the_score_that_the_winner_is_compared_with(
    project, owner, queues
):
    """Seen: "–" in the list of models and on the model card, where the Winner tab had .9306."""
    search = run(project, owner, lambda order: 0.8)
    told = {each["trial"]: each["expected"] for each in search.winner["baselines"]}
    trained = trained_baselines(search)
    assert len(trained) == 2
    for pk, trial in trained.items():
        assert trial.expected["value"] == told[pk]
        assert trial.expected["low"] < told[pk] < trial.expected["high"]
        assert (trial.expected["basis"], trial.expected["trials"]) == ("rows", 1)
        assert trial.expected["choice"] == 0 and trial.expected["rows"] > 0


def test_folds_alone_tell_what_to_expect_of_a_baseline(project, owner, queues):
    search = run(project, owner, lambda order: 0.8, kind="k_fold", folds=3)
    Artifact.objects.filter(kind=Artifact.Kind.PREDICTIONS).delete()
    name_winner_again(search)
    search.refresh_from_db()
    told = {each["trial"]: each["expected"] for each in search.winner["baselines"]}
    for pk, trial in trained_baselines(search).items():
        assert trial.expected["value"] == told[pk] is not None
        assert trial.expected["basis"] == "folds"
        assert trial.expected["why"].endswith("which is less certain.")


def test_of_a_baseline_on_one_set_without_rows_it_is_said_why_nothing_is_expected(
    project, owner, queues
):
    search = run(project, owner, lambda order: 0.8)
    Artifact.objects.filter(kind=Artifact.Kind.PREDICTIONS).delete()
    name_winner_again(search)
    for trial in trained_baselines(search).values():
        assert trial.expected["value"] is None and trial.expected["why"]


def test_the_searchs_own_trial_of_the_default_values_has_one_expected_score(
    project, owner, queues
):
    search = run(project, owner, lambda order: 0.6 + order.number / 20)
    space = Space.from_dict(search.space_versions.get().space)
    own = search.trials.order_by("score")[0]
    own.values_key = space.key(space.defaults())
    own.save()
    Trial.objects.filter(pk=by_name(search)["Default configuration"]["trial"]).delete()
    name_winner_again(search)
    search.refresh_from_db()
    own.refresh_from_db()
    told = by_name(search)["Default configuration"]
    assert told["trial"] == own.pk != search.recommended_trial_id
    assert told["expected"] == own.expected["value"]


def test_a_winner_named_before_baselines_had_expected_scores_gets_them(
    project, owner, queues, django_capture_on_commit_callbacks
):
    search = run(project, owner, lambda order: 0.8)
    told = trained_baselines(search)
    Trial.objects.filter(pk__in=told).update(expected={})
    with django_capture_on_commit_callbacks(execute=True):
        assert ask_for_promises(0) == search.pk
    jobs.complete_winner(search.pk)
    assert {pk: each.expected for pk, each in trained_baselines(search).items()} == {
        pk: each.expected for pk, each in told.items()
    }
    assert ask_for_promises(0) == 0


def test_a_baseline_that_ends_later_is_compared_too(project, owner, queues):
    search = run(project, owner, lambda order: 0.9)
    named = search.winner["beside"]
    assert named == 2
    late = search.follow_ups.order_by("pk").first()
    late.trials.update(score=None)
    Experiment.objects.filter(pk=search.pk).update(winner=search.winner | {"beside": 1})
    late.trials.update(score=0.5)
    name_winner(late.pk)
    search.refresh_from_db()
    assert search.winner["beside"] == 2


def test_without_rows_the_executions_are_what_there_is(project, owner, queues):
    search = run(project, owner, lambda order: 0.9)
    Artifact.objects.filter(kind=Artifact.Kind.PREDICTIONS).delete()
    name_winner_again(search)
    search.refresh_from_db()
    constant = by_name(search)["Majority class"]
    assert constant["outcome"] == "unknown" and constant["p"] is None
    assert constant["why"] == "One execution a trial, and no predictions to test on."


def name_as_an_earlier_version(search):
    """Leave of the winner what was stored when nothing was promised of one."""
    kept = {
        name: each for name, each in search.winner.items() if name not in ("baselines", "beside")
    }
    Experiment.objects.filter(pk=search.pk).update(winner=kept)
    search.trials.update(expected={})


@pytest.mark.both_databases
def test_a_winner_of_an_earlier_version_is_told_of_like_a_new_one_and_stays(
    project, owner, queues, django_capture_on_commit_callbacks
):
    search = run(project, owner, lambda order: 0.6 + order.number / 20)
    number = search.recommended_trial.number
    whole, outcomes = search.recommended_trial.expected, search.winner["baselines"]
    with django_capture_on_commit_callbacks(execute=True):
        assert ask_for_promises(0) == 0, "it has everything"
    name_as_an_earlier_version(search)
    with django_capture_on_commit_callbacks(execute=True):
        assert ask_for_promises(0) == search.pk
        assert ask_for_promises(search.pk) == search.pk, "each is asked for once"
    (job,) = [each for each in queue(SHORT).jobs if each.func_name == COMPLETE]
    assert job.args == (search.pk,)
    other = search.trials.exclude(number=number).first()
    Experiment.objects.filter(pk=search.pk).update(best_trial=other)  # no reason to name another
    jobs.complete_winner(*job.args)
    search.refresh_from_db()
    assert search.recommended_trial.number == number
    assert search.recommended_trial.expected["value"] == whole["value"]
    assert search.winner["baselines"] == outcomes and search.winner["beside"] == 2
    before = search.winner
    jobs.complete_winner(search.pk)
    search.refresh_from_db()
    assert search.winner == before
