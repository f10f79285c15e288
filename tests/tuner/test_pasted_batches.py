"""Scripts whose rows don't come as arrays with class numbers: read, searched, and run to their end."""

import pytest

from experiments.tuner.script_output import output_of
from tests.pasted_batches import (
    AUTOENCODER,
    ENDLESS,
    FIT_OF_A_DATASET,
    GENERATOR,
    LABELLESS,
    LABELLESS_FIT,
    ONE_HOT,
    OWN_BATCHES,
    SEVERAL,
    TEXTS,
    TRUE_OR_FALSE,
    WITHOUT_END,
    XCEPTION,
)
from tests.searches import make_dataset
from tests.tuner.conftest import fixed, plan_in_form

pytestmark = pytest.mark.training


@pytest.fixture
def run(project, pasted, searched):
    """Paste a script, and search as its form opens. Returns: version, plan, experiment, first trial."""

    def run(source):
        dataset = make_dataset(project)
        version = pasted(source)
        plan = plan_in_form(project, version, dataset)
        experiment = searched(plan)
        return version, plan, experiment, experiment.trials.get()

    return run


def history_of(trial):
    assert trial.state == "completed", trial.failure_message
    return trial.executions.get().history


@pytest.mark.parametrize(
    ("source", "kind", "batch"),
    [
        (ENDLESS, "tf.data.Dataset", 12),
        (OWN_BATCHES, "PyDataset", 16),
        (GENERATOR, "generator", 32),
    ],
    ids=["dataset", "PyDataset", "generator"],
)
def test_batches_are_read_once_and_the_log_says_so(run, source, kind, batch):
    version, plan, _, trial = run(source)
    assert not version.reading.get("notes") and fixed(plan, "batch_size") == batch
    assert len(history_of(trial)["val_accuracy"]) == 2
    log = trial.executions.get().log
    assert "96 training rows, 32 validation rows" in log and f"{kind} was read once" in log


def test_a_fit_of_ones_own_gets_a_dataset_where_the_script_gave_one(run):
    version, _, _, trial = run(FIT_OF_A_DATASET)
    assert [row["name"] for row in version.reading["rows"]] == ["units", "shuffle"]
    assert not version.reading.get("notes") and len(history_of(trial)["val_accuracy"]) == 2


def test_what_learns_its_own_input_is_not_held_against_the_forms_classes(run):
    _, plan, _, trial = run(AUTOENCODER)
    assert plan.objective == "val_loss" and len(history_of(trial)["val_loss"]) == 2
    assert "split as the experiment defines" in trial.executions.get().log


def test_one_hot_labels_of_the_forms_data_train_and_the_script_ends_as_tutorials_do(run):
    _, _, experiment, trial = run(ONE_HOT)
    history_of(trial)
    assert trial.executions.get().exact  # of its predictions, beside the form's class numbers
    told = output_of(experiment)
    assert told.problem == "", told.traceback
    assert "Total params" in told.printed and "Score: True" in told.printed
    assert not {"\b", "\r", "\x1b"} & set(told.printed)


def test_a_choice_between_true_and_false_is_boolean(pasted):
    (row,) = pasted(TRUE_OR_FALSE).reading["rows"]
    assert (row["name"], row["type"]) == ("use_bn", "boolean")


@pytest.mark.thorough  # forty layers: what is special in it is such a choice
def test_a_ready_made_model_of_keras_tuners_is_searched(run):
    version, _, _, trial = run(XCEPTION)
    rows = {row["name"]: row["type"] for row in version.reading["rows"]}
    assert rows["dense_use_bn"] == "boolean"
    history_of(trial)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LABELLESS, "for autoencoders use fit(x, x)"),
        (WITHOUT_END, "is infinite. Remove repeat(), or set the batches"),
        (TEXTS, "x = vectorize(x)"),
        (SEVERAL, "x is a list of 2 inputs. Pass them by name"),
    ],
    ids=["labels", "end", "texts", "inputs"],
)
def test_what_cant_be_trained_is_told_with_its_mend(run, source, words):
    version, _, _, trial = run(source)
    assert version.reading["state"] == "read"
    assert (trial.state, trial.failure_kind) == ("failed", "user_code")
    assert words in trial.failure_message


def test_a_space_is_read_of_a_fit_that_gets_no_labels(pasted):
    version = pasted(LABELLESS_FIT)
    assert [row["name"] for row in version.reading["rows"]] == ["units", "asked"]
    (note,) = version.reading["notes"]
    assert "There are no labels" in note
