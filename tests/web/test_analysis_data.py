"""The JSON of the Analysis tab's charts: what it holds, what it refuses, how little it asks."""

import json
import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from experiments.models import Attempt, Experiment, Project, SpaceVersion, Trial
from experiments.search.models.importance import LEAST_TRIALS
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases

NAMES = ("importance", "surface", "distribution", "attempts", "all-curves")
AXES = {"x": "learning_rate", "y": "units"}


def read(client, name, experiment, **query):
    answer = client.get(reverse(f"chart_data:{name}", args=[experiment.code]), query)
    assert answer.status_code == 200
    assert b"NaN" not in answer.content and b"Infinity" not in answer.content
    return answer.json()


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def score_by_rate(experiment):
    """Scores that the learning rate alone decides, with a little noise."""
    rng = random.Random(4)
    trials = list(experiment.trials.filter(state="completed"))
    for trial in trials:
        trial.score = 0.9 - 100 * trial.values["learning_rate"] + rng.gauss(0, 0.002)
    Trial.objects.bulk_update(trials, ["score"])


def test_importance_names_what_decides_the_score_and_counts_the_trials(seen, project):
    experiment = make_experiment(project, trials=60, failing=True)
    score_by_rate(experiment)
    report = read(seen, "importance", experiment)
    study, inner = report["studies"]
    assert inner["names"] == ["momentum"] and inner["conditions"][0]["values"] == ["sgd"]
    assert study["state"] == "estimated" and study["effects"][0]["names"] == ["learning_rate"]
    states = [*experiment.trials.values_list("state", flat=True)]
    assert report["failed"] == states.count("failed")
    assert report["ended"] == states.count("completed") + states.count("pruned")
    assert len(report["pair"]) == 2 and report["pair"][0] == "learning_rate"


@pytest.mark.parametrize("trials", [0, 1, LEAST_TRIALS - 1])
def test_few_trials_are_told_and_nothing_is_drawn(seen, project, trials):
    experiment = make_experiment(project, trials=trials)
    report = read(seen, "importance", experiment)
    assert {study["state"] for study in report["studies"]} == {"few"}
    assert report["pair"] == [] and report["least"] == LEAST_TRIALS
    assert str(LEAST_TRIALS) in read(seen, "surface", experiment, **AXES)["why"]


def test_trials_that_an_edit_left_outside_the_space_are_counted(seen, project):
    experiment = make_experiment(project, trials=40)
    report = read(seen, "importance", experiment)
    assert report["outside"] == 0
    first = experiment.space_versions.get()
    space = json.loads(json.dumps(first.space))
    [units] = [row for row in space["hyperparameters"] if row["name"] == "units"]
    known = [*experiment.trials.values_list("values__units", flat=True)]
    units["max"] = sorted(known)[len(known) // 2]
    SpaceVersion.objects.create(experiment=experiment, number=first.number + 1, space=space)
    after = read(seen, "importance", experiment)
    assert after["outside"] > 0 and after["used"] == report["used"] - after["outside"]


def test_it_is_asked_anew_when_a_trial_ends(seen, project):
    experiment = make_experiment(project, trials=40)
    before = read(seen, "importance", experiment)
    trial = experiment.trials.filter(state="completed").last()
    trial.state = "failed"
    trial.save()
    after = read(seen, "importance", experiment)
    assert after["ended"] == before["ended"] - 1 and after["failed"] == before["failed"] + 1


def test_the_surface_has_scores_in_their_own_direction(seen, project):
    experiment = make_experiment(project, trials=60)
    score_by_rate(experiment)
    report = read(seen, "surface", experiment, **AXES)
    assert len(report["score"]) == len(report["cells_x"])
    assert len(report["score"][0]) == len(report["cells_y"])
    middle = [sum(row) / len(row) for row in report["score"]]
    assert middle[0] > middle[-1]  # a high rate is bad, and a score is better when it is higher
    assert all(0 <= error < 1 for row in report["error"] for error in row)


@pytest.mark.parametrize(
    ("x", "y", "word"),
    [
        ("learning_rate", "learning_rate", "two different"),
        ("<b>", "units", "<b> is not a tuned hyperparameter"),
        ("", "", "two different"),
    ],
)
def test_axes_that_are_none_get_a_reason(seen, project, x, y, word):
    report = read(seen, "surface", make_experiment(project, trials=40), x=x, y=y)
    assert word in report["why"] and "score" not in report


def test_an_experiment_of_the_same_split_is_drawn_and_others_say_why_not(seen, project):
    own = make_experiment(project, trials=4)
    same = make_experiment(project, trials=6, name="<i>same</i> \u202e 🎈" + "x" * 80)
    split = make_experiment(project, trials=3, name="other split")
    Experiment.objects.filter(pk=split.pk).update(split_hash="12" * 32)
    folds = make_experiment(project, trials=3, name="more folds", repeats=2)
    report = read(seen, "distribution", own, **{"with": f"{same.code},{split.code},nonsense"})
    unlike = {other["code"]: other["unlike"] for other in report["others"]}
    assert unlike[str(same.code)] == ""
    assert "different split" in unlike[str(split.code)]
    assert "different protocol" in unlike[str(folds.code)]
    assert str(own.code) not in unlike
    (drawn,) = report["drawn"]
    assert drawn["code"] == str(same.code) and drawn["scores"] == sorted(drawn["scores"])
    same.trials.filter(number=1).update(set_aside="Wrong data")
    after = read(seen, "distribution", own, **{"with": str(same.code)})
    (fewer,) = after["drawn"]
    assert fewer["n"] == drawn["n"] - 1
    scored = {other["code"]: other["scored"] for other in after["others"]}
    assert scored[str(same.code)] == fewer["n"]  # the menu offers as many as are then drawn


def test_other_projects_and_other_objectives_are_not_offered(seen, project):
    own = make_experiment(project, trials=3)
    elsewhere = Project.objects.create(name="Elsewhere", slug="elsewhere")
    make_experiment(elsewhere, trials=3)
    loss = make_experiment(project, trials=3, name="by loss")
    Experiment.objects.filter(pk=loss.pk).update(objective="val_loss", direction="minimize")
    assert read(seen, "distribution", own)["others"] == []


def test_attempts_hold_retries_and_what_is_under_way(seen, project):
    experiment = make_experiment(project, trials=3, running=1, state="running")
    Attempt.objects.filter(trial__experiment=experiment).delete()
    first, second = experiment.trials.order_by("number")[:2]
    began = timezone.now() - timedelta(seconds=100)
    common = {"worker": "<b>host</b>:1", "started": began, "ended": began + timedelta(seconds=9)}
    token = "00000000-0000-0000-0000-00000000000"
    Attempt.objects.create(trial=first, number=1, token=f"{token}1", outcome="reaped", **common)
    common |= {"started": began + timedelta(seconds=20), "ended": None, "worker": "host:2"}
    Attempt.objects.create(trial=first, number=2, token=f"{token}2", **common)
    report = read(seen, "attempts", experiment)
    assert report["workers"] == ["<b>host</b>:1", "host:2"]
    assert report["worker"] == [0, 1] and report["trial"] == [first.number] * 2
    assert report["outcome"] == ["reaped", "running"] and report["attempt"] == [1, 2]
    assert report["start"] == [0.0, 20.0] and report["end"][0] == 9.0 and report["end"][1] >= 99
    assert second.number not in report["trial"]


@pytest.mark.parametrize("name", NAMES)
def test_queries_do_not_grow_with_the_trials(seen, project, name, django_assert_num_queries):
    few, many = (make_experiment(project, trials=trials, failing=True) for trials in (40, 80))
    query = AXES if name == "surface" else {}
    read(seen, name, few, **query)
    trial = few.trials.filter(state="completed").last()
    trial.event_serial += 1
    trial.save()  # what was kept of its trials is not right any more
    with CaptureQueriesContext(connection) as asked:
        read(seen, name, few, **query)
    assert len(asked) <= 14
    with django_assert_num_queries(len(asked)):
        read(seen, name, many, **query)


def test_answers_are_compressed(seen, project):
    experiment = make_experiment(project, trials=40)
    for name in NAMES:
        answer = seen.get(
            reverse(f"chart_data:{name}", args=[experiment.code]),
            AXES,
            headers={"accept-encoding": "gzip"},
        )
        body = len(json.dumps(seen.get(answer.request["PATH_INFO"], AXES).json()))
        assert body < 400 or answer.headers["Content-Encoding"] == "gzip"
