"""The locked test part: nothing reads it before somebody asks, and then it is scored exactly."""

import gzip
import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.catalog.registry import CATALOG
from experiments.models import Activity, Artifact, ReportSnapshot, Reveal
from experiments.plan import Budget, default_plan
from experiments.reports.winner.follow_ups import repeats_of
from experiments.services.bundles.bundles import make_bundle
from experiments.services.experiments.baselines import start_baselines
from experiments.services.experiments.follow_ups import refit, run_again
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.services.experiments.reveals import reveal, score_reveal
from experiments.services.experiments.states import NotAllowed
from tests.searches import make_seat, run_search
from tests.services.bundled import digits, version_of
from tests.services.told import admin_pages, answers, files, holding, records
from tests.training.orders import printed_by

pytestmark = pytest.mark.training


@contextmanager
def out_of_reach(experiment):
    """Nothing can read the locked rows."""
    locked = storage.locked_rows_file(experiment.split_hash)
    aside = locked.with_suffix(".aside")
    locked.rename(aside)
    yield
    aside.rename(locked)


@pytest.fixture
def search(project, queues, training_pool):
    """Two trials of two folds, really trained; the locked rows were out of reach all the time."""
    version = version_of(digits(), "digits")
    plan = default_plan(digits().schema, CATALOG["image-mlp"], version.pk, "Digits")
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        if row["name"] == "epochs":
            row.update(type="fixed", value=4, default=4)
    plan = replace(
        plan,
        space=type(plan.space).from_dict(space),
        sampler="random",
        pruner="none",
        protocol=replace(plan.protocol, kind="k_fold", folds=2, locked_test_share=0.2),
        budget=Budget(max_trials=2),
    )
    experiment = create_experiment(project, plan, by=None)
    with out_of_reach(experiment):
        start_experiment(experiment, by=None)
        run_search(experiment, make_seat(training_pool))
    assert experiment.state == "completed"
    return experiment


ACCURACIES = """
import json, keras, numpy as np

x, y = np.load({x!r})[{rows}], np.load({y!r})[{rows}]
models = [keras.models.load_model(path, compile=False) for path in {paths}]
print(json.dumps([float(np.mean(m(x, training=False).numpy().argmax(1) == y)) for m in models]))
"""


def test_a_look_scores_the_models_on_the_locked_rows_and_stays_in_the_log(
    search, owner, training_pool, tmp_path
):
    trial = search.recommended_trial
    trial.experiment = search
    with pytest.raises(NotAllowed, match="Enter the reason"):
        reveal(trial, reason="  ", by=owner)
    look = reveal(trial, reason="The paper is due.", by=owner)
    assert look.state == "waiting"
    with pytest.raises(NotAllowed, match="already running"):
        reveal(trial, reason="Once more.", by=owner)
    score_reveal(look.pk)
    look.refresh_from_db()
    assert look.state == "ready", look.message

    rows = np.load(storage.locked_rows_file(search.split_hash))
    folder = storage.dataset_folder(search.dataset_version.digest)
    models = trial.artifacts.filter(kind=Artifact.Kind.MODEL).order_by("execution__index")
    source = ACCURACIES.format(
        x=str(folder / "x.npy"),
        y=str(folder / "y.npy"),
        rows=rows.tolist(),
        paths=[str(storage.absolute(model.path)) for model in models],
    )
    exact = json.loads(printed_by(training_pool, source, tmp_path))
    assert look.rows == len(rows) == 60
    assert look.scores["accuracy"] == pytest.approx(np.mean(exact), abs=1e-9)
    assert [one["values"]["accuracy"] for one in look.each] == pytest.approx(exact)
    low, high = look.intervals["accuracy"]
    assert 0 <= low < look.scores["accuracy"] < high <= 1
    assert look.intervals.keys() == look.scores.keys()
    [constant] = look.baselines
    assert constant["name"] == "Majority class"
    assert constant["scores"]["accuracy"] < 0.2 < look.scores["accuracy"]
    line = Activity.objects.get(verb="experiment.revealed")
    assert line.user == owner and "The paper is due." in line.text

    again = reveal(trial, reason="To be sure.", by=owner)
    assert again.number == 2
    assert "reveal 2" in Activity.objects.filter(verb="experiment.revealed").latest("pk").text

    # a repeat has the same numbers, and a refit is what is scored from then on
    run_search(run_again(trial, by=owner), make_seat(training_pool))
    [repeat] = repeats_of(search)
    assert repeat.is_equal, (repeat.largest, repeat.metric)
    Reveal.objects.filter(pk=again.pk).update(state="ready", scores={})
    run = run_search(refit(trial, by=owner), make_seat(training_pool))
    assert run.state == "completed"
    for each in start_baselines(search, by=owner):
        run_search(each, make_seat(training_pool))
    gone = search.follow_ups.get(name__startswith="Default configuration").trials.get()
    gone.artifacts.all().delete()
    third = reveal(trial, reason="The refit.", by=owner)
    score_reveal(third.pk)
    third.refresh_from_db()
    assert [one["model"] for one in third.each] == [f"refit of trial {trial.number}"]
    assert 0.5 < third.scores["accuracy"] <= 1
    baselines = {each["name"]: each for each in third.baselines}
    assert baselines.keys() == {"Majority class", "Linear model", "Default configuration"}
    assert 0.2 < baselines["Linear model"]["scores"]["accuracy"] <= 1
    assert baselines["Linear model"]["intervals"]["accuracy"][0] > 0
    assert baselines["Default configuration"]["why"] == "The trial's models were deleted."


@pytest.fixture
def boss(django_user_model, project):
    """Sees every page of the product and of the admin."""
    user = django_user_model.objects.create_superuser("boss", password="pw")
    project.memberships.create(user=user, role="owner")
    return user


def frozen_part(frozen, part):
    """A part of what a report froze, as it can be read."""
    packed = bytes(getattr(frozen, part))
    return gzip.decompress(packed) if packed else b""


@pytest.mark.parametrize("bundled", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_before_a_look_no_page_file_log_or_record_holds_a_test_score(
    search, client, boss, data_dir, caplog, capfd, bundled
):
    """The search ran, and a bundle was made, while the locked rows could not be read at all."""
    with out_of_reach(search):
        assert not bundled or make_bundle(search.recommended_trial.pk) is not None
    client.force_login(boss)
    client.post(reverse("reports:make", args=[search.code]))
    frozen = ReportSnapshot.objects.get()
    ids = {
        "slug": search.project.slug,
        "report": frozen.report.code,
        "snapshot": frozen.pk,
        "part": "curves",
        "code": search.code,
        "number": search.recommended_trial.number,
        "dataset": search.dataset_version.dataset_id,
        "version": search.dataset_version.number,
    }
    printed = capfd.readouterr()
    told = {
        **answers(client, ids),
        **admin_pages(client),
        **files(data_dir),
        **records(),
        **{f"frozen {part}": frozen_part(frozen, part) for part in ReportSnapshot.PARTS},
        "log": caplog.text.encode(),
        "printed": (printed.out + printed.err).encode(),
    }
    assert "Not revealed: no score on these rows exists yet" in told["experiments:winner"].decode()
    assert {"trials:predictions", "trials:prediction-plots", "chart_data:history"} < told.keys()
    assert {"reports:detail", "reports:data", "reports:edit"} < told.keys()
    assert b"the locked test set has not been revealed" in told["reports:detail"]
    assert told["trials:download"].startswith(b"PK") == bundled
    assert any(name.endswith(".zip/MODEL_CARD.md") for name in told) == bundled

    answer = client.post(
        reverse("experiments:reveal", args=[search.code]), {"reason": "Done."}, follow=True
    )
    assert "The test score is being computed." in answer.content.decode()
    score_reveal(Reveal.objects.get().pk)
    look = Reveal.objects.get()
    assert look.state == "ready", look.message
    # counts of few rows make shares that others have too: these depend on every probability
    each = [look.scores, *(one["values"] for one in look.each)]
    numbers = [values[name] for values in each for name in ("log_loss", "auc")]
    assert holding(told, numbers) == []
    later = {"report": client.get(reverse("reports:detail", args=[frozen.report.code])).content}
    assert holding(later, numbers) == [], "what was frozen before the look stays without it"

    html = client.get(reverse("experiments:winner", args=[search.code])).content.decode()
    assert "First reveal" in html and "“Done.”" in html
    assert "locked test rows: 0." in html
    after = {"winner": html.encode(), **records(), **admin_pages(client)}
    found = holding(after, numbers)
    assert {"winner", "reveal", f"admin:experiments_reveal {look.pk}"} <= {*found}, (
        "it can be found"
    )
