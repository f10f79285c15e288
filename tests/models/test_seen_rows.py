"""A project's ledger of revealed rows finds them again by content."""

import importlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
from django.apps import apps

from experiments import storage
from experiments.data_schema import DataSchema
from experiments.evaluation.protocol import Protocol
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import DatasetVersion, Project, Reveal, RevealedRows
from experiments.models.seen_rows import seen_earlier, seen_rows, seen_split
from experiments.reports.experiments.protocol import seen_in
from tests.revealed import revealed, searched
from tests.searches import DIGEST, make_dataset

pytestmark = pytest.mark.usefixtures("queues")
migration = importlib.import_module("experiments.migrations.0033_ledger_of_revealed_rows")


@pytest.fixture
def first(project, owner):
    """A search whose locked rows were revealed."""
    search = searched(project, owner)
    revealed(search, owner)
    return search


def uploaded_again(project, rows):
    """A dataset with these rows of the same digits, under another digest."""
    made = make_dataset(project)
    folder = storage.dataset_folder(DIGEST)
    arrays = {name: np.load(folder / f"{name}.npy")[rows] for name in ("x", "y")}
    schema = replace(DataSchema.from_dict(made.schema), rows=len(rows))
    digest = write_prepared(Prepared(schema, arrays), folder.parent)
    DatasetVersion.objects.filter(pk=made.pk).update(
        digest=digest, rows=len(rows), schema=schema.to_dict()
    )
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    "changes", [{}, {"seed": 7}, {"protocol": Protocol("k_fold", folds=4)}], ids=str
)
def test_a_clone_another_seed_and_other_folds_are_no_first_reveal(project, owner, first, changes):
    version = first.dataset_version
    clone = searched(project, owner, "Clone", version, **changes)
    seen = seen_in(clone)
    assert (seen.locked.seen, seen.locked.rows, seen.others.seen) == (60, 60, 0)
    assert seen.warnings == (
        f"60 of 60 locked test rows have been revealed ({seen.locked.by_whom}).",
    )
    assert "by owner on 20" in seen.locked.by_whom
    assert seen.locked.by_whom.endswith("for “Digits”")
    look = revealed(clone, owner)
    assert look.number == 2
    assert seen_earlier(look).share == "60 of 60"
    assert seen_earlier(first.reveals.get()).seen == 0
    assert revealed(first, owner).number == 3


def test_the_same_rows_uploaded_again_in_another_order_are_found(project, owner, first):
    order = np.random.default_rng(0).permutation(300)[:280]
    again = searched(project, owner, "Again", uploaded_again(project, order))
    seen = seen_in(again)
    assert seen.locked.seen >= 50
    assert seen.locked.seen + seen.others.seen >= 50
    assert revealed(again, owner).number == 2


def test_revealed_rows_that_train_are_told(project, owner, first):
    newest = Protocol(locked_test_share=0.0)
    seen = seen_in(searched(project, owner, "All", first.dataset_version, protocol=newest))
    assert (seen.locked.rows, seen.others.seen, seen.others.rows) == (0, 60, 300)
    assert "60 of 300 training and validation rows were in a test set that was" in seen.warnings[0]
    assert "no longer unseen (by owner" in seen.warnings[0]
    half = Protocol(locked_test_share=0.1)
    seen = seen_in(searched(project, owner, "Half", first.dataset_version, protocol=half))
    assert (seen.locked.seen, seen.others.seen) == (seen.locked.rows, 60 - seen.locked.rows)


def test_another_project_learns_nothing(owner, first):
    other = Project.objects.create(slug="others", name="Others")
    seen = seen_in(searched(other, owner, "Theirs", first.dataset_version))
    assert (seen.locked.seen, seen.others.seen, seen.warnings) == (0, 0, ())


def test_what_could_not_be_scored_showed_nothing(project, owner):
    search = searched(project, owner)
    look = revealed(search, owner, state="failed")
    assert seen_in(search).locked.seen == 0
    assert revealed(search, owner).pk == look.pk, "the same reveal, tried again"
    assert Reveal.objects.get().number == 1
    assert seen_in(search).locked.seen == 60


def test_sixty_thousand_rows_take_half_a_megabyte(project, owner, first):
    content = np.random.default_rng(0).integers(2**64, size=60_000, dtype=np.uint64)
    RevealedRows.objects.update(digests=RevealedRows.packed(content))
    stored = RevealedRows.objects.get()
    assert len(stored.digests) == 480_000
    found = seen_rows(project, np.concatenate([content[:10], content[:10], [np.uint64(3)]]))
    assert (found.seen, found.rows) == (20, 21)
    assert seen_split(project, content[:0], content).others.seen == 60_000


def test_the_newest_reveals_are_named_and_the_others_counted(project, owner, first):
    for _ in range(4):
        revealed(first, owner)
    said = seen_in(first).locked.by_whom
    assert said.count("by owner") == 3
    assert said.endswith("; and 2 earlier")


def test_reveals_from_before_the_ledger_are_put_into_it(project, owner, first):
    clone = searched(project, owner, "Clone", first.dataset_version)
    gone = searched(project, owner, "Gone", first.dataset_version, seed=5)
    looks = [revealed(clone, owner), revealed(clone, owner), revealed(gone, owner)]
    storage.locked_rows_file(gone.split_hash).unlink()
    RevealedRows.objects.all().delete()
    for number, pk in ((1, looks[0].pk), (2, looks[1].pk), (1, looks[2].pk)):
        Reveal.objects.filter(pk=pk).update(number=number)
    migration.fill_ledger(apps, None)
    numbers = Reveal.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 1]
    assert RevealedRows.objects.count() == 3
    assert seen_in(clone).locked.seen == 60


def test_class_shares_of_locked_rows_are_forgotten(project, owner, first):
    one = {"name": "a", "training": [0, 1], "validation": [0, 1], "test": [0.5, 0.5]}
    use = {"use": "locked test", "mean": 1.0, "quartiles": [0, 1, 2]}
    facts = first.split_facts | {"classes": [one], "targets": [use, use | {"use": "training"}]}
    type(first).objects.filter(pk=first.pk).update(split_facts=facts)
    migration.forget_locked_targets(apps, None)
    first.refresh_from_db()
    assert first.split_facts["classes"] == [{k: v for k, v in one.items() if k != "test"}]
    assert [each["use"] for each in first.split_facts["targets"]] == ["training"]


def test_the_sets_own_test_part_is_in_the_ledger(project, owner):
    made = make_dataset(project)
    folder = storage.dataset_folder(DIGEST)
    shutil.copytree(folder, storage.own_test_folder(DIGEST))
    schema = made.schema | {"test_rows": 300}
    DatasetVersion.objects.filter(pk=made.pk).update(schema=schema, test_rows=300)
    made.refresh_from_db()
    own = searched(
        project, owner, "Own", made, protocol=replace(Protocol(), locked_test_share=None)
    )
    revealed(own, owner)
    seen = seen_in(own)
    assert (seen.locked.seen, seen.locked.rows) == (300, 300)
    assert seen.others.seen == 300, "here its own test part repeats the training rows"
