import uuid

import pytest
from django.urls import reverse

from experiments.models import Experiment
from tests.searches import make_experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def problems_of(response):
    return {error.field: error.message for error in response.context["page"].errors}


def test_a_few_fields_start_a_search_with_careful_defaults(client, address, version):
    response = send(client, address, version)
    experiment = Experiment.objects.get(purpose="search")
    assert response.status_code == 302
    assert response["Location"] == reverse("experiments:detail", args=[experiment.code])
    assert (experiment.name, experiment.state) == ("First", "queued")
    assert experiment.objective == "val_accuracy"
    assert experiment.max_trials == 20
    assert experiment.budget.max_seconds == 30 * 60
    assert experiment.fit.early_stopping_patience == 5
    assert experiment.turn_serial == experiment.parallel
    assert experiment.created_by.username == "editor"


def test_rows_that_a_script_leaves_out_are_the_models_own(client, address, version):
    send(
        client,
        address,
        version,
        **{
            "space-0-name": "units",
            "space-0-min": "16",
            "space-0-max": "64",
            "space-0-step": "16",
            "space-1-name": "epochs",
            "space-1-value": "2",
            "max_trials": "3",
            "max_minutes": "1.5",
            "repeats": "2",
            "tags": "demo, quick",
        },
    )
    experiment = Experiment.objects.get(purpose="search")
    rows = {row["name"]: row for row in experiment.plan["space"]["hyperparameters"]}
    assert (rows["units"]["type"], rows["units"]["min"], rows["units"]["max"]) == ("int", 16, 64)
    assert (rows["epochs"]["type"], rows["epochs"]["value"]) == ("fixed", 2)
    assert rows["dropout"]["type"] == "float"
    assert experiment.budget.max_seconds == 90
    assert experiment.protocol.repeats == 2
    assert experiment.tags == ["demo", "quick"]


def test_the_page_that_opens_can_be_sent_as_it_is(client, address, version):
    """What the browser would post of the untouched page starts a search."""
    page = client.get(address).context["page"]
    form = {name: field.value for name, field in page.fields.items() if name != "space"}
    form |= {
        f"space-{row.index}-{name}": value
        for row in page.rows
        for name, value in row.fields.items()
    }
    response = client.post(address, form | {"space_model": form["model"], "action": "start"})
    assert response.status_code == 302
    assert Experiment.objects.get(purpose="search").name == "tiny-digits-image-mlp"


@pytest.mark.parametrize("model", ["image-mlp", "cnn", "deep-cnn", "residual-mlp", "layers"])
def test_every_model_that_takes_the_data_starts_with_its_defaults(client, address, version, model):
    assert send(client, address, version, model=model).status_code == 302
    assert Experiment.objects.get(purpose="search").plan["model"] == model


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"name": ""}, "name", "empty"),
        ({"name": "   "}, "name", "empty"),
        ({"name": "x" * 10_000}, "name", "10,000 characters"),
        ({"name": "a\0b"}, "name", "can't be stored"),
        ({"max_trials": "0"}, "max_trials", "between 1"),
        ({"max_trials": "-1"}, "max_trials", "between 1"),
        ({"max_trials": "1e18"}, "max_trials", ""),
        ({"max_trials": "1.5"}, "max_trials", "whole number"),
        ({"max_trials": "ten"}, "max_trials", "ten"),
        ({"max_trials": ""}, "max_trials", ""),
        ({"max_minutes": "-5"}, "max_minutes", ""),
        ({"max_minutes": "nan"}, "max_minutes", ""),
        ({"max_minutes": "soon"}, "max_minutes", "soon"),
        ({"parallel": "0"}, "parallel", ""),
        ({"seed": "-1"}, "seed", ""),
        ({"target_score": "inf"}, "target_score", ""),
        ({"validation_percent": "0", "protocol_kind": "holdout"}, "validation_percent", "above 0"),
        ({"validation_percent": "120", "protocol_kind": "holdout"}, "validation_percent", ""),
        ({"repeats": "0"}, "repeats", ""),
        ({"confirm": "-1"}, "confirm", "between 0 and 20"),
        ({"confirm": "often"}, "confirm", "often"),
        ({"confirm": "3", "max_trials": "5"}, "confirm", "At most 2"),
        ({"confirm": "3", "max_trials": ""}, "max_trials", ""),
        ({"objective": "val_beauty"}, "objective", "Not a metric"),
        ({"sampler": "astrology"}, "sampler", "Unknown value"),
        ({"patience": "many", "early_stopping": "1"}, "patience", "many"),
        ({"locked_test": "own"}, "locked_percent", "no test set"),
        ({"dataset_version": "999999"}, "dataset_version", "isn't in the project"),
        ({"dataset_version": "x"}, "dataset_version", "isn't in the project"),
        ({"model": "oracle"}, "model", "no model"),
        ({"model": "table-mlp"}, "model", "takes"),
        ({"constraints": "units <"}, "constraints", ""),
        ({"constraints": "__import__('os')"}, "constraints", ""),
        ({"layers": "[", "model": "layers"}, "layers", ""),
        ({"sampler": "grid", "sampler-grid-resolution": "1"}, "sampler-grid-resolution", ""),
    ],
)
def test_a_wrong_field_says_so_at_the_field_and_keeps_what_was_typed(
    client, address, version, fields, at, words
):
    response = send(client, address, version, notes="keep me", **fields)
    assert response.status_code == 422
    found = problems_of(response)
    assert at in found, found
    assert words in found[at]
    assert not Experiment.objects.exists()
    text = response.content.decode()
    assert "keep me" in text
    typed = response.context["page"].fields
    for name, value in fields.items():
        if name not in ("dataset_version", "model"):
            assert typed[name].value == value


def row(**fields):
    return {f"space-0-{name}": value for name, value in fields.items()}


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        (row(name="units", min="64", max="16"), "min"),
        (row(name="learning_rate", type="float", min="0", max="1", scale="log"), "min"),
        (row(name="units", step="0"), "step"),
        (row(name="units", min="1", max="5000000000000000000"), "max"),
        (row(name="dropout", min="1e-320"), "min"),
        (row(name="dropout", max="inf"), "max"),
        (row(name="dropout", max="nan"), "max"),
        (row(name="optimizer", type="choice", choices="", tune="1"), "choices"),
        (row(name="optimizer", type="choice", choices="adam, adam", tune="1"), "choices"),
        (row(name="optimizer", type="choice", choices="adam, 3", tune="1"), "choices"),
        (row(name="__proto__", min="1", max="2"), "name"),
        (row(name='a".b', min="1", max="2"), "name"),
        (row(name="momentum", only_if="momentum = 0.5"), "only_if"),
        (row(name="momentum", only_if="nobody = 1"), "only_if"),
        (row(name="momentum", only_if="optimizer"), "only_if"),
        (row(name="epochs", value="0"), "value"),
        (row(name="epochs", value="many"), "value"),
        (row(name="units", type="colour", tune="1"), "type"),
    ],
)
def test_a_wrong_row_says_so_at_its_field(client, address, version, fields, part):
    response = send(client, address, version, **fields)
    found = problems_of(response)
    assert response.status_code == 422
    assert f"space-0-{part}" in found, found
    assert not Experiment.objects.exists()


def test_a_huge_grid_is_refused_with_its_size(client, address, version):
    response = send(
        client,
        address,
        version,
        sampler="grid",
        **row(name="units", min="1", max="60000", step="1"),
    )
    assert response.status_code == 422
    assert "The grid has" in problems_of(response)["space"]


def test_markup_in_names_is_shown_as_text(client, address, version):
    text = '<script>alert("x")</script>{{7*7}}%s'
    response = send(client, address, version, name=text, max_trials="0")
    assert b"<script>alert" not in response.content
    assert response.context["page"].fields["name"].value == text


def test_a_form_sent_twice_makes_one_experiment(client, address, version):
    token = str(uuid.uuid4())
    first = send(client, address, version, token=token)
    second = send(client, address, version, token=token)
    assert first["Location"] == second["Location"]
    assert Experiment.objects.filter(purpose="search").count() == 1


def test_a_token_of_somebody_elses_experiment_makes_nothing(client, address, version, db):
    from experiments.models import Project

    foreign = make_experiment(Project.objects.create(slug="b", name="B"))
    response = send(client, address, version, token=str(foreign.code))
    assert response.status_code == 422
    assert Experiment.objects.filter(purpose="search").count() == 1


def test_data_of_another_project_can_not_be_named(client, address, version, db):
    from experiments.models import Project

    version.dataset.project = Project.objects.create(slug="b", name="B")
    version.dataset.save()
    make = client.get(address)
    assert b"No data yet" in make.content


def test_another_model_brings_its_own_space(client, address, version):
    response = send(
        client, address, version, model="cnn", space_model="image-mlp", action="refresh"
    )
    page = response.context["page"]
    assert response.status_code == 200
    assert "filters" in {row.fields["name"] for row in page.rows}
    assert page.errors == ()


def test_starting_with_the_rows_of_another_model_shows_the_new_ones_first(
    client, address, version
):
    response = send(client, address, version, model="cnn", space_model="image-mlp")
    assert response.status_code == 422
    assert "Review it" in problems_of(response)["model"]
    assert "filters" in {row.fields["name"] for row in response.context["page"].rows}


def test_the_first_name_follows_the_model_until_it_is_changed(client, address, version):
    followed = send(
        client, address, version, model="cnn", name="auto", auto_name="auto", action="refresh"
    )
    kept = send(
        client, address, version, model="cnn", name="mine", auto_name="auto", action="refresh"
    )
    assert followed.context["page"].fields["name"].value == "tiny-digits-cnn"
    assert kept.context["page"].fields["name"].value == "mine"


def test_a_preview_draws_the_space_and_names_problems_by_field(client, project, version):
    address = reverse("experiments:preview", args=[project.slug])
    good = send(client, address, version).json()
    assert good["problems"] == []
    assert len(good["draws"]) == 20
    assert set(good["histograms"]) == set(good["names"])
    bad = send(client, address, version, **row(name="units", min="64", max="16")).json()
    assert bad["problems"][0]["field"] == "space-0-min"
    assert bad["draws"] == []
    assert "dropout" in bad["histograms"]


def test_rows_of_a_removed_layer_fall_away(client, address, version):
    layers = '[{"kind": "flatten", "params": {}}, {"kind": "dense", "params": {"units": 8}}]'
    stale = row(name="dropout_1_rate", type="float", min="0", max="0.5")
    assert (
        send(client, address, version, model="layers", layers=layers, **stale).status_code == 302
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("max_minutes", "0", "between 0.0167 and 527,040 min."),
        ("max_slot_hours", "-1", "and 562,176 h."),
        ("max_failed_percent", "101", "between 0 and 100 %."),
        ("validation_percent", "100", "Must be between 0 and 95 %."),
        ("locked_percent", "99", "Must be between 0 and 95 %."),
    ],
)
def test_a_range_is_told_in_the_unit_of_its_field(client, address, version, field, value, words):
    typed = {"protocol_kind": "holdout", "locked_test": "share", field: value}
    response = send(client, address, version, **typed)
    assert response.status_code == 422
    assert problems_of(response)[field].endswith(words)


@pytest.mark.parametrize(
    "typed, seconds", [("0.0333", 120), ("0.003", 11), ("2", 7200), ("0.00001", 1)]
)
def test_times_are_taken_to_the_nearest_second(client, address, version, typed, seconds):
    sent = send(client, address, version, max_slot_hours=typed, max_minutes="0.333")
    assert sent.status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    budget = experiment.budget
    assert (budget.max_slot_seconds, budget.max_seconds) == (seconds, 20)
