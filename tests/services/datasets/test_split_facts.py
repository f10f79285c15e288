"""What is stored about a split when it is made."""

import numpy as np
import pytest

from experiments import storage
from experiments.evaluation.protocol import Protocol
from experiments.ingest.images import prepare_images
from experiments.ingest.tables import TableChoice, prepare_table
from experiments.services.datasets.split_facts import facts_of
from experiments.services.datasets.splits import split_of
from tests.searches import make_experiment
from tests.services.bundled import version_of

pytestmark = pytest.mark.django_db


def told(version, protocol):
    return facts_of(version, protocol, split_of(version, protocol, 0))


def test_an_experiment_keeps_what_was_told_of_its_split(project, data_dir):
    experiment = make_experiment(project)
    experiment.refresh_from_db()
    split = storage.load_split(experiment.split_hash)
    facts = experiment.split_facts
    assert facts["parts"] == [[len(train), len(rows)] for train, rows in split.parts]
    assert facts["test"] == len(split.test)
    assert len(facts["classes"]) == 10


def test_copies_on_both_sides_are_counted_and_groups_mend_them(project, data_dir):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "patient": [f"P{row % 20}" for row in range(100)],
            "size": [float(row % 20) for row in range(100)],  # each patient five times
            "serial": np.arange(100) + 7,
            "sick": [("yes", "no")[(row + row // 20) % 2] for row in range(100)],
        }
    )
    choice = TableChoice("sick", "classification", {"patient": "skip", "serial": "skip"})
    version = version_of(prepare_table(frame, choice), "visits")
    copies, torn_apart = told(version, Protocol("k_fold")).warnings
    assert "validation rows and 20 locked test rows have an exact copy" in copies
    assert "20 of 20 values of patient have rows in both training and validation" in torn_apart
    grouped = told(version, Protocol("k_fold", respecting="groups", column="patient"))
    assert grouped.warnings == ()


def test_a_row_number_that_the_model_is_trained_on_is_told(project, data_dir):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "serial": np.arange(60)[::-1] * 3,
            "size": np.random.default_rng(0).random(60),
            "price": np.random.default_rng(1).random(60),
        }
    )
    uses = {"serial": "number", "size": "number"}
    version = version_of(prepare_table(frame, TableChoice("price", "regression", uses)), "prices")
    facts = told(version, Protocol())
    [warning] = facts.warnings
    assert "serial looks like an ID column" in warning
    assert [one.use for one in facts.targets] == ["training", "validation", "whole dataset"]


def test_the_sets_own_test_part_is_counted(project, data_dir):
    pictures = np.random.default_rng(0).integers(0, 255, (40, 4, 4, 1), dtype=np.uint8)
    part = (pictures[:30], np.arange(30) % 2)
    test = (pictures[30:], np.zeros(10, dtype=np.int64))
    version = version_of(prepare_images(part, test, classes=("cat", "dog")), "pets")
    version.test_rows = 10
    facts = told(version, Protocol(locked_test_share=None))
    assert facts.test == 10
    assert [one.whole for one in facts.classes] == [(0.5, 0.5), (0.5, 0.5)], (
        "its own part isn't told"
    )


def test_a_class_that_no_part_validates_is_told(project, data_dir):
    pictures = np.random.default_rng(0).integers(0, 255, (40, 4, 4, 1), dtype=np.uint8)
    labels = np.array([1] * 2 + [0] * 38)
    version = version_of(prepare_images((pictures, labels), None, classes=("cat", "dog")), "pets")
    warnings = told(version, Protocol("k_fold", respecting="none")).warnings
    assert any("no validation rows of “dog”" in warning for warning in warnings)
