"""Hostile code looks for locked rows wherever a trial, a dry run or a script could: it finds none."""

import re
from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.data_schema import DataSchema
from experiments.evaluation.protocol import Protocol
from experiments.models import Artifact, Experiment, Worker
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.experiments.protocol import protocol_page
from experiments.reports.site.code_versions import CodeShelf
from experiments.services.bundles.card import READS_TEST, protocol_lines
from experiments.services.experiments.follow_ups import confirm, refit
from experiments.services.experiments.lifecycle import create_experiment
from experiments.services.experiments.reveals import reveal, score_reveal
from experiments.services.experiments.states import NotAllowed
from experiments.training.sandbox import NOT_ISOLATED
from experiments.tuner.dry_runs import DryRuns
from experiments.tuner.script_output import output_of
from experiments.tuner.worker_pools import code_scope
from tests.searches import make_plan, make_seat, run_search
from tests.services.bundled import version_of
from tests.tuner.row_hunt import BUILD, ROWS, TEST_NUMBERS, TESTED, code_for, images, table

pytestmark = pytest.mark.training


@pytest.fixture
def hunted(project, pasted, searched, data_dir):
    """Searches with code that looks for rows in the data of a version."""

    def hunt(version, source, **protocol):
        schema = DataSchema.from_dict(version.schema)
        source = source.replace("PATHS = []", f"PATHS = [{str(data_dir)!r}]")
        return searched(planned(project, pasted(source), version, schema, **protocol))

    return hunt


def planned(project, code, version, schema, **protocol):
    """A search of one trial of one epoch."""
    own = make_plan(version, epochs=1, max_trials=1).to_dict()
    rows = [
        row for row in own["space"]["hyperparameters"] if row["name"] in ("epochs", "batch_size")
    ]
    own |= {"model": "code", "layers": [{"version": code.pk}], "baselines": False, "metrics": []}
    own |= {"objective": "val_loss", "direction": "minimize"}
    own["space"] = {"hyperparameters": [*code.reading["rows"], *rows], "constraints": []}
    own["protocol"] = Protocol(**{"kind": "holdout", **protocol}).to_dict()
    return ExperimentPlan.from_dict(own, DataFacts(schema, (), CodeShelf(project.pk)))


def seen(text):
    """Row numbers and lengths of arrays that code told last."""
    rows, lengths = re.findall(r"ROWS \[(.*?)\] LENGTHS \[(.*?)\]", text)[-1]
    return tuple({int(each) for each in found.split(", ") if each} for found in (rows, lengths))


def found_by(experiment):
    trial = experiment.trials.get()
    assert trial.state == "completed", trial.failure_message
    return seen(trial.executions.first().log)


def locked_of(experiment):
    return set(storage.load_split(experiment.split_hash).test.tolist())


@pytest.mark.parametrize("prepared", [images(brings_test=False), table()], ids=["image", "table"])
def test_a_trial_and_what_follows_it_reach_no_locked_row(hunted, worker_pool, owner, prepared):
    search = hunted(
        version_of(prepared, "marked"), code_for(prepared.schema), locked_test_share=0.2
    )
    locked = locked_of(search)
    assert len(locked) == 60
    assert dict(protocol_page(search).judging)["Locked test set"].endswith("no trial reads them")
    Worker.objects.create(kind="trials", name="open", pid=1, isolation=NOT_ISOLATED)
    assert "not locked from the code" in dict(protocol_page(search).judging)["Locked test set"]
    rows, lengths = found_by(search)
    assert rows == {*range(ROWS)} - locked, "it finds every other row"
    assert {240} <= lengths and not {60, 300} & lengths

    trial = search.trials.get()
    search.recommended_trial = trial
    predictions = trial.artifacts.get(kind=Artifact.Kind.PREDICTIONS)
    with np.load(storage.absolute(predictions.path)) as stored:
        ((_, validation),) = storage.load_split(search.split_hash).parts
        assert stored["rows"].tolist() == validation.tolist(), "they have the version's numbers"
        targets = prepared.arrays["y"][validation]
        assert stored["targets"] == pytest.approx(targets)

    for follow in (refit(trial, by=owner), confirm(search, [trial.number], by=owner)):
        run_search(follow, make_seat(worker_pool))
        rows, lengths = found_by(follow)
        assert rows == {*range(ROWS)} - locked and not {60, 300} & lengths


RAISES = """
def build(hp):
    look()
    raise ValueError(f"BITS {sum(1 << row for row in found):x}")
"""


def test_a_dry_run_reaches_no_locked_row(project, pasted, author, worker_pool):
    prepared = images(brings_test=False)
    version = version_of(prepared, "marked")
    raising = code_for(prepared.schema, RAISES)  # a message is short: a bit for each row
    reading = code_for(prepared.schema, BUILD.replace("print(look())", "found.clear()"))
    code = pasted(reading)
    plan = planned(project, code, version, prepared.schema, locked_test_share=0.2)
    plan = replace(plan, layers=({**plan.layers[0], "source": raising},))
    split = create_experiment(project, plan, by=author).split_hash
    context = make_seat(worker_pool)
    dry_runs = DryRuns(plan, version, split, context, code_scope(project.pk))
    outcome = dry_runs.attempt(plan.space.defaults(), 60, train=0.1)
    bits = int(outcome.message.partition("BITS ")[2], 16)
    assert {row for row in range(ROWS) if bits >> row & 1} == {*range(ROWS)} - set(
        storage.load_split(split).test.tolist()
    )


SCRIPT = """
import keras_tuner as kt

(x, y), {test} = keras.datasets.mnist.load_data()
print("TEST", {tested})

def build(hp):
    print(look())
    net = model({{"x": keras.Input((4, 6, 1), name="x")}})
    return net

tuner = kt.RandomSearch(build, objective="val_loss", max_trials=1)
tuner.search(x[..., None], y, epochs=1)
print(look())
"""


@pytest.fixture
def named(project):
    """A built-in dataset under a name of `keras.datasets`, with a test part of its own."""
    version = version_of(images(brings_test=True), "mnist")
    version.dataset.built_in = "mnist"
    version.dataset.save()
    version.test_rows = TESTED
    version.save()
    return version


def script(test, tested="'unread'"):
    return code_for(images(brings_test=True).schema, SCRIPT.format(test=test, tested=tested))


def test_the_locked_test_part_of_a_named_dataset_isnt_lent(hunted, named):
    search = hunted(named, script("_"), locked_test_share=None)
    assert search.locks_own_test
    rows, _ = found_by(search)
    assert rows == {*range(ROWS)}
    assert f"Data: {ROWS} rows of the code, split as" in search.trials.get().executions.get().log
    told = output_of(search)
    assert not told.problem, told.traceback
    assert seen(told.printed)[0] == {*range(ROWS)}, "the script's end gets none either"


def test_of_a_named_dataset_a_locked_share_is_left_out(hunted, named):
    search = hunted(named, script("(x_test, y_test)", "len(x_test)"), locked_test_share=0.2)
    allowed = {*range(ROWS)} - locked_of(search)
    own_test = {*range(TEST_NUMBERS, TEST_NUMBERS + TESTED)}
    rows, _ = found_by(search)
    assert rows == allowed | own_test, "its own test part isn't the locked one"
    assert f"TEST {TESTED}" in output_of(search).printed
    assert seen(output_of(search).printed)[0] == allowed | own_test


def test_a_script_that_reads_the_test_part_leaves_none_to_lock(hunted, named, owner, client):
    reads = script("(x_test, y_test)", "len(x_test)")
    with pytest.raises(PlanError, match="reads the dataset's own test set"):
        hunted(named, reads, locked_test_share=None)
    search = hunted(named, reads, locked_test_share=0.0)
    rows, _ = found_by(search)
    assert rows == {*range(ROWS), *range(TEST_NUMBERS, TEST_NUMBERS + TESTED)}
    with pytest.raises(NotAllowed, match="no locked test set"):
        reveal(search.trials.get(), reason="The paper is due.", by=owner)

    # Of an earlier version, when the test part was said to be locked and lent all the same.
    search.plan["protocol"]["locked_test_share"] = None
    search.save()
    del search.hypermodel_version.layers[0]["script"]["reads_test_part"]
    search.hypermodel_version.save()
    search = Experiment.objects.get(pk=search.pk)
    assert READS_TEST in protocol_lines(search)
    words = dict(protocol_page(search).judging)["Locked test set"]
    assert words.endswith(f"{TESTED} rows; not locked: the script reads it")
    client.force_login(owner)
    page = client.get(reverse("experiments:winner", args=[search.code])).content.decode()
    assert "The script reads the dataset’s test set, so it isn’t locked." in page
    with pytest.raises(NotAllowed, match="no locked test set"):
        reveal(search.trials.get(), reason="The paper is due.", by=owner)


SPY = """
@keras.saving.register_keras_serializable()
class Spy(keras.layers.Layer):
    def call(self, inputs):
        return inputs

    @classmethod
    def from_config(cls, config):
        look()
        many = len(found)
        found.clear()
        del MARKS["numbers"]
        look.__wrapped__()
        raise ValueError(f"It found {many} inputs, {len(found)} targets")

def build(hp):
    inputs = keras.Input((2,), name="numbers")
    net = keras.Model({"numbers": inputs}, keras.layers.Dense(1)(Spy()(inputs)))
    net.compile("adam", "mse")
    return net
"""


def test_code_that_is_scored_gets_inputs_without_targets(hunted, owner):
    prepared = table()
    search = hunted(
        version_of(prepared, "marked"), code_for(prepared.schema, SPY), locked_test_share=0.2
    )
    look = reveal(search.trials.get(), reason="The paper is due.", by=owner)
    score_reveal(look.pk)
    look.refresh_from_db()
    assert "It found 60 inputs, 0 targets" in look.message


def test_a_named_dataset_with_copies_of_locked_rows_lends_the_others(hunted, named):
    upload = version_of(images(brings_test=False), "upload")
    search = hunted(upload, script("(x_test, y_test)", "len(x)"), locked_test_share=0.2)
    own_test = {*range(TEST_NUMBERS, TEST_NUMBERS + TESTED)}
    rows, _ = found_by(search)
    assert rows == ({*range(ROWS)} - locked_of(search)) | own_test
    assert "TEST 240" in output_of(search).printed
