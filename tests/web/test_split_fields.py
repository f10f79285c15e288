import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.ingest.images import prepare_images
from experiments.ingest.prepared import with_validation
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice
from experiments.models import DatasetVersion, Execution, Experiment
from tests.searches import make_experiment
from tests.services.bundled import version_of
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.mark.parametrize(
    ("kind", "unseen"),
    [
        ("holdout", {"folds": "1", "rounds": ""}),
        ("k_fold", {"rounds": "many", "validation_percent": ""}),
        ("subsampling", {"folds": ""}),
        ("holdout", {"split_column": "nobody"}),
    ],
)
def test_what_another_split_would_ask_for_keeps_no_search_from_starting(
    client, address, version, kind, unseen
):
    """Its fields are not on the page, so nobody could mend them."""
    assert send(client, address, version, protocol_kind=kind, **unseen).status_code == 302
    assert Experiment.objects.get(purpose="search").protocol.kind == kind


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("k_fold", {"folds": "1"}),
        ("k_fold", {"folds": "21"}),
        ("k_fold", {"folds": ""}),
        ("k_fold", {"folds": "some"}),
        ("subsampling", {"rounds": "51"}),
        ("subsampling", {"validation_percent": ""}),
        ("holdout", {"validation_percent": "0"}),
    ],
)
def test_what_the_chosen_split_asks_for_is_checked(client, address, version, kind, fields):
    response = send(client, address, version, protocol_kind=kind, **fields)
    assert response.status_code == 422
    assert {error.field for error in response.context["page"].errors} == set(fields)
    assert not Experiment.objects.exists()


def test_another_split_chosen_for_a_while_keeps_what_was_typed(client, address, version):
    typed = {"folds": "4", "rounds": "7", "validation_percent": "33"}
    response = send(client, address, version, action="refresh", protocol_kind="k_fold", **typed)
    fields = response.context["page"].fields
    assert {name: fields[name].value for name in typed} == typed


def test_a_small_data_set_is_cut_into_folds_and_one_with_a_tiny_class_into_fewer(
    client, address, version
):
    fields = client.get(address).context["page"].fields
    assert (fields["protocol_kind"].value, fields["folds"].value) == ("k_fold", "5")
    counts = [{"name": str(n), "count": 4 if n == 3 else 30} for n in range(10)]
    DatasetVersion.objects.update(profile={"class_counts": counts})
    fields = client.get(address).context["page"].fields
    assert (fields["protocol_kind"].value, fields["folds"].value) == ("k_fold", "3")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"protocol_kind": "k_fold", "repeats": "2"},
            "5 folds × 2 repeats = 10 executions per trial.",
        ),
        ({"protocol_kind": "subsampling", "rounds": "4"}, "4 rounds = 4 executions per trial."),
        ({"protocol_kind": "holdout", "repeats": "3"}, "3 repeats = 3 executions per trial."),
        ({"protocol_kind": "holdout"}, "1 execution per trial."),
        ({"protocol_kind": "k_fold", "folds": "1"}, ""),
    ],
)
def test_the_form_says_what_the_protocol_costs(client, project, version, fields, words):
    response = preview(client, project, version, fields)
    assert response.json()["says"]["protocol"] == words


def test_the_form_says_how_long_a_trial_takes_where_the_like_has_run(client, project, version):
    experiment = make_experiment(project)
    trial = experiment.trials.create(
        number=0,
        space_version=experiment.space_versions.get(),
        split_hash=experiment.split_hash,
        values={},
        seed=1,
    )
    state = Execution.State.COMPLETED
    trial.executions.create(index=0, part=0, repeat=0, seed=0, state=state, seconds=84.0, epochs=3)
    fields = {"protocol_kind": "k_fold", "repeats": "2"}
    words = preview(client, project, version, fields).json()["says"]["protocol"]
    assert words == "5 folds × 2 repeats = 10 executions per trial, about 14 min per trial."


@pytest.fixture
def visits(project, data_dir):
    """A table of 90 visits by 15 patients, on 30 days."""

    import pandas as pd

    rows = np.arange(90)
    frame = pd.DataFrame(
        {
            "patient": [f"P{row % 15}" for row in rows],
            "day": [f"2024-03-{1 + row // 3:02}" for row in rows],
            "gaps": [None if row == 4 else f"2024-03-{1 + row // 3:02}" for row in rows],
            "place": [("Ulm", "Bonn", "Jena")[row % 3] for row in rows],
            "age": rows % 40 + 20.5,
            "ill": ["yes" if row % 2 else "no" for row in rows],
        }
    )
    skipped = dict.fromkeys(("patient", "day", "gaps"), "skip")
    choice = TableChoice("ill", "classification", skipped)
    return version_of(prepare_table(frame, choice), "visits")


def start(client, address, version, **fields):
    fields = {"model": "table-mlp", "protocol_kind": "k_fold", "folds": "3"} | fields
    return send(client, address, version, **fields)


@pytest.mark.parametrize("respecting", ["groups", "stratified_groups", "time"])
@pytest.mark.parametrize("kind", ["holdout", "k_fold"])
def test_rows_are_grouped_or_ordered_by_a_column_that_no_model_sees(
    client, address, visits, respecting, kind
):
    column = "day" if respecting == "time" else "patient"
    fields = {"respecting": respecting, "split_column": column, "protocol_kind": kind}
    assert start(client, address, visits, **fields).status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    assert (experiment.protocol.respecting, experiment.protocol.column) == (
        respecting,
        column,
    )
    split = storage.load_split(experiment.split_hash)
    place = np.arange(90) // 3 if respecting == "time" else np.arange(90) % 15
    for train, validation in split.parts:
        parts = [set(place[rows]) for rows in (train, validation, split.test)]
        assert sum(map(len, parts)) == len(set().union(*parts))
        if respecting == "time":
            assert max(parts[0]) < min(parts[1]) <= max(parts[1]) < min(parts[2])
    page = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    words = {
        "groups": "grouped",
        "stratified_groups": "grouped and stratified",
        "time": "time-ordered",
    }
    assert f"{words[respecting]} by {column}" in page


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"respecting": "groups"}, "split_column", "Choose a column"),
        ({"respecting": "groups", "split_column": "nobody"}, "split_column", "There is no column"),
        ({"respecting": "groups", "split_column": "place"}, "split_column", "3 groups"),
        ({"respecting": "groups", "split_column": "gaps"}, "split_column", "1 row has no value"),
        ({"respecting": "stratified_groups", "split_column": "place"}, "split_column", "3 groups"),
        ({"respecting": "time", "split_column": "gaps"}, "split_column", "1 row has no value"),
        ({"respecting": "time", "split_column": "place"}, "split_column", "ordered by time"),
        ({"respecting": "time", "split_column": "ill"}, "split_column", "There is no column"),
        (
            {"respecting": "time", "split_column": "day", "protocol_kind": "subsampling"},
            "protocol_kind",
            "moves forward in time",
        ),
        ({"protocol_kind": "fixed"}, "protocol_kind", "no validation set"),
        ({"respecting": "rank"}, "respecting", "Unknown value"),
    ],
)
def test_what_cannot_be_respected_is_told_at_its_field(client, address, visits, fields, at, words):
    response = start(client, address, visits, **fields)
    assert response.status_code == 422
    found = {error.field: error.message for error in response.context["page"].errors}
    assert list(found) == [at]
    assert words in found[at]


def test_pictures_have_no_columns_to_choose(client, address, version):
    page = client.get(address).context["page"]
    assert [value for value, _ in page.fields["respecting"].choices] == ["none", "classes"]
    response = send(client, address, version, respecting="groups", split_column="who")
    [error] = response.context["page"].errors
    assert (error.field, response.status_code) == ("respecting", 422)


def test_a_validation_part_of_the_data_set_is_proposed(client, address, data_dir):
    pictures = np.random.default_rng(0).integers(0, 255, (60, 4, 4, 1), dtype=np.uint8)
    labels = np.arange(60) % 2
    prepared = prepare_images((pictures, labels), None, classes=("cat", "dog"))
    version = version_of(with_validation(prepared, 20), "pets")
    page = client.get(f"{address}?data={version.pk}").context["page"]
    assert page.fields["protocol_kind"].value == "fixed"
    assert send(client, address, version).status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    ((train, validation),) = storage.load_split(experiment.split_hash).parts
    assert (list(validation), len(train)) == (list(range(40, 60)), 32)
    page = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "fixed validation set" in page


def test_the_form_offers_every_column_but_the_target(client, address, visits):
    response = client.get(f"{address}?data={visits.pk}&model=table-mlp")
    page = response.context["page"]
    assert {value for value, _ in page.fields["split_column"].choices if value} == {
        "patient", "day", "gaps", "place", "age",
    }  # fmt: skip
    assert "day (dates, 30 unique)" in response.content.decode()


def test_a_clone_of_an_older_experiment_reads_what_it_was_judged_by(client, project):
    experiment = make_experiment(project)
    stored = experiment.plan["protocol"]
    del stored["respecting"], stored["column"]
    stored["stratified"] = False
    experiment.save()
    page = client.get(reverse("experiments:clone", args=[experiment.code])).context["page"]
    assert page.fields["respecting"].value == "none"
    assert client.get(reverse("experiments:protocol", args=[experiment.code])).status_code == 200


def test_a_draft_of_an_older_form_reads_too(client, address, version):
    response = send(client, address, version, action="refresh", stratified="")
    assert response.context["page"].fields["respecting"].value == "none"


def preview(client, project, version, fields):
    """Ask what a half-filled form means."""
    typed = {"dataset_version": version.pk, "model": "image-mlp", "name": "First"} | fields
    return client.post(reverse("experiments:preview", args=[project.slug]), typed)
