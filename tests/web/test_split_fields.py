import pytest
from django.urls import reverse

from experiments.models import DatasetVersion, Execution, Experiment
from tests.searches import make_experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.mark.parametrize(
    ("kind", "unseen"),
    [
        ("holdout", {"folds": "1", "rounds": ""}),
        ("k_fold", {"rounds": "many", "validation_percent": ""}),
        ("subsampling", {"folds": ""}),
    ],
)
def test_what_another_split_would_ask_for_keeps_no_search_from_starting(
    client, address, version, kind, unseen
):
    """Its fields are not on the page, so nobody could mend them."""
    assert send(client, address, version, protocol_kind=kind, **unseen).status_code == 302
    assert Experiment.objects.get().protocol["kind"] == kind


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
        ({"protocol_kind": "k_fold", "repeats": "2"}, "5 folds × 2 seeds = 10 fits a trial."),
        ({"protocol_kind": "subsampling", "rounds": "4"}, "4 rounds = 4 fits a trial."),
        ({"protocol_kind": "holdout", "repeats": "3"}, "3 seeds = 3 fits a trial."),
        ({"protocol_kind": "holdout"}, "1 fit a trial."),
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
    assert words == "5 folds × 2 seeds = 10 fits a trial, about 14 min each trial."


def preview(client, project, version, fields):
    """Ask what a half-filled form means."""
    typed = {"dataset_version": version.pk, "model": "image-mlp", "name": "First"} | fields
    return client.post(reverse("experiments:preview", args=[project.slug]), typed)
