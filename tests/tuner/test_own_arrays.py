"""A script with arrays of its own: what is said of its data is what the child saw."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.html import escape

from experiments import storage
from experiments.models import Purpose
from experiments.models.training_data import NOT_LOCKED
from experiments.plan import Budget
from experiments.reports.compare.comparability import data_words
from experiments.reports.experiments.head import protocol_words
from experiments.reports.experiments.protocol import protocol_page
from experiments.reports.winner.baselines import baselines
from experiments.reports.winner.locked_test import LockedTest, locked_test
from experiments.reports.winner.summary import caveats, quote
from experiments.reports.winner.winner_page import verdict
from experiments.services.bundles.bundles import bundle_of, make_bundle
from experiments.services.experiments.follow_ups import refit
from experiments.services.experiments.lifecycle import create_experiment
from experiments.training.code_messages import DataSeen
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned
from tests.searches import make_dataset
from tests.services.bundled import run, unzip
from tests.tuner.conftest import plan_in_form

pytestmark = pytest.mark.training

WORDS = "arrays of the code, 400 rows of 6 float32, target: 10 classes"
LAST = "the last 80 rows of the code"
OWN = """import keras
import keras_tuner
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 6)).astype("float32")
y = np.arange(400) % 10

def build(hp):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(hp.Int("units", 8, 16), activation="relu"),
                              keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

tuner = keras_tuner.RandomSearch(build, objective="val_accuracy", max_trials=2)
tuner.search(x, y, epochs=2, validation_split=0.2)
"""


def test_a_script_s_own_arrays_are_described_and_compared_with_nothing_else(
    project, author, pasted, searched, tmp_path
):
    dataset = make_dataset(project)
    plan = replace(plan_in_form(project, pasted(OWN), dataset), budget=Budget(max_trials=2))
    draft = create_experiment(project, plan, by=author)
    assert draft.training_data.is_form is None
    assert "no trial has reported them" in draft.training_data.words
    experiment = searched(plan)
    experiment.refresh_from_db()
    assert experiment.trials.filter(state="completed").count() == 2
    assert experiment.training_data.words == WORDS
    found = verdict(experiment)
    said = quote(experiment, found)
    assert "On arrays of the code (400 rows of 6 float32, target: 10 classes, " in said
    assert "Tiny digits" not in said
    assert data_words(experiment) == WORDS
    rows = dict(protocol_page(experiment).search)
    assert (rows["Dataset"], rows["Dataset of the form"]) == (WORDS, f"{dataset}, not trained on")
    assert "Content hash" not in rows
    _the_form_s_split_is_not_claimed(experiment)
    compared = baselines(experiment, found.trial, (0.1, 0.1), looks=2)
    assert not {"Linear model", "Majority class"} & {each.name for each in compared}
    linear = experiment.follow_ups.filter(
        purpose=Purpose.BASELINE, hypermodel_version__hypermodel__slug="linear"
    )
    assert not linear.exists()
    _its_bundle_claims_nothing_of_the_form(found.trial, dataset, tmp_path / "bundle")


def _the_form_s_split_is_not_claimed(experiment):
    page = protocol_page(experiment)
    rows = dict(page.judging)
    assert rows["Split"] == protocol_words(experiment) == f"{LAST} as validation data"
    assert rows["Split of the form"] == "not used"
    assert rows["Locked test set"] == f"none. {NOT_LOCKED}"
    assert page.facts is None and "Split hash" not in rows and "Split by" not in rows
    winner = experiment.recommended_trial
    assert locked_test(experiment, winner) == LockedTest(rows=0, none=NOT_LOCKED)
    assert f"No unbiased test score. {NOT_LOCKED}" in caveats(experiment, verdict(experiment))
    run = refit(winner, by=None)
    assert run.trials.get().why.startswith(f"Trial {winner.number} on all rows of the code, for")


def _its_bundle_claims_nothing_of_the_form(trial, dataset, folder):
    artifact = make_bundle(trial.pk)
    assert artifact is not None, bundle_of(trial)
    unzip(storage.absolute(artifact.path), folder)
    assert (folder / "sample" / "input.npy").exists()
    assert not (folder / "reproduce.py").exists() and not (folder / "split.npz").exists()
    assert not any(dataset.digest in path.read_text() for path in folder.rglob("*.json"))
    card = (folder / "MODEL_CARD.md").read_text()
    assert NOT_LOCKED in card and LAST in card
    assert "Preprocessing" not in card and "test set was locked" not in card
    tested = run(Path(sys.executable), folder / "predict.py", "--self-test")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.fixture
def own(project, owner, client):
    """A search of arrays as if a child had reported them; its owner is signed in."""
    experiment = crowned(make_experiment(project, trials=6, repeats=3, by=owner), executions=3)
    seen = DataSeen(400, 0, [6], "float32", "10 classes", is_form=False, last_rows=80)
    experiment.data_seen = asdict(seen)
    experiment.split_facts = {"warnings": ["A class is rare."], "parts": [[45_000, 15_000]]}
    experiment.save()
    client.force_login(owner)
    return experiment


def test_the_winner_tab_says_why_there_is_no_linear_model(own, client):
    page = client.get(reverse("experiments:winner", args=[own.code])).text
    assert "No majority class and no linear model: they need" in page and WORDS in page


def test_no_test_score_is_announced_or_revealed(own, client, queues):
    address = reverse("experiments:winner", args=[own.code])
    page = client.get(address).text
    assert escape(NOT_LOCKED) in page
    assert "Expected on these rows" not in page and "Reveal test score" not in page
    asked = {"reason": "The paper is due."}
    page = client.post(reverse("experiments:reveal", args=[own.code]), asked, follow=True).text
    assert page.count(escape(NOT_LOCKED)) == 3, "in the panel, its limits, and as the answer"
    assert not own.reveals.exists()


def test_pages_show_what_the_child_saw_and_no_split_of_the_form(own, client):
    for name in ("detail", "protocol"):
        page = client.get(reverse(f"experiments:{name}", args=[own.code])).text
        assert LAST in page, name
        assert "split warning" not in page and "45,000" not in page, name
    assert WORDS in page and escape(NOT_LOCKED) in page
    assert "no trial reads" not in page and "Nothing reads the locked test rows" not in page
