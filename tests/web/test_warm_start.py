"""Starting from what is known: in the form, in the plan's JSON, in a clone, and on the page."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Experiment, Project
from experiments.services.experiments.lifecycle import start_experiment
from tests.searches import make_experiment, make_seat, run_search
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")
CSV = "units,dropout,score\n64,0.1,0.9\n96,0.2,\n100000,0.3,0.7\n"


@pytest.fixture
def earlier(project, version, owner):
    """A finished search with four scored trials."""
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat())


def made(project, name="Warm"):
    return Experiment.objects.get(project=project, name=name)


def problems_of(response):
    return {error.field: error.message for error in response.context["page"].errors}


def test_the_form_offers_searches_with_how_much_carries_over(client, address, earlier):
    response = client.get(address)
    (offered,) = response.context["earlier"].searches
    assert (offered.code, offered.looked_at, offered.fitting) == (str(earlier.code), 4, 4)
    assert offered.chosen
    assert offered.shared > 0
    assert f'value="{earlier.code}"' in response.content.decode()


def test_a_search_of_which_nothing_fits_says_why_and_cannot_be_ticked(client, address, earlier):
    for trial in earlier.trials.all():
        trial.values["units"] = 10**6
        trial.save()
    html = client.get(address).content.decode()
    (offered,) = client.get(address).context["earlier"].searches
    assert offered.fitting == 0
    assert "units: " in offered.refusal
    assert f'value="{earlier.code}" disabled' in html


def test_searches_and_configurations_start_a_search(client, project, address, version, earlier):
    fields = {"name": "Warm", "warm_experiments": ["", str(earlier.code)], "configurations": CSV}
    assert send(client, address, version, **fields).status_code == 302
    record = made(project).warm_start
    assert [study["label"] for study in record.studies] == ["Digits", "known results"]
    assert [study["fitting"] for study in record.studies] == [4, 1]
    assert [values["units"] for values in record.by_hand] == [96]
    plan = made(project).plan["warm_start"]
    assert plan["experiments"] == [str(earlier.code)]
    assert plan["configurations"][1]["score"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("units\nmany", "Row 1: units: "),
        ('{"unit": 64}', "Row 1: There is no hyperparameter"),
        ('{"units": 64}\nunits=3', "Row 2: "),
        ("units,score\n100000,0.5", "No row with a score fits"),
        ("units,score\n64,NaN", "Row 1: score: "),
        ("units,dropout\n64", "Row 1: "),
        ("64", "Row 1: "),
    ],
)
def test_a_wrong_configuration_is_named_at_its_field(client, address, version, text, words):
    response = send(client, address, version, configurations=text)
    assert response.status_code == 422
    assert words in problems_of(response)["configurations"]
    assert text in response.context["page"].fields["configurations"].value
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("whose", ["another project's", "nobody's", "no code"])
def test_other_peoples_searches_look_like_none(client, address, version, earlier, whose):
    code = "mnist" if whose == "no code" else "0b0e8b1c-7a53-4a3c-9a3e-6d6f2f6d1a11"
    if whose == "another project's":
        other = Project.objects.create(slug="other", name="Other")
        Experiment.objects.filter(pk=earlier.pk).update(project=other)
        code = str(earlier.code)
        assert client.get(address).context["earlier"].searches == ()
    response = send(client, address, version, name="Warm", warm_experiments=code)
    assert response.status_code == 422
    assert problems_of(response)["warm_experiments"]
    assert "Digits" not in response.context["page"].fields["warm_experiments"].error
    assert not Experiment.objects.filter(name="Warm").exists()


def test_the_preview_says_what_the_ticked_ones_bring(client, project, version, earlier):
    posted = {
        "dataset_version": version.pk, "model": "image-mlp", "name": "Warm",
        "warm_experiments": ["", str(earlier.code)],
    }  # fmt: skip
    address = reverse("experiments:preview", args=[project.slug])
    assert client.post(address, posted).json()["says"]["warm"] == (
        "4 of the 4 scored trials of Digits are reused."
    )
    del posted["warm_experiments"]
    assert client.post(address, posted).json()["says"]["warm"] == ""


def test_json_form_draft_and_clone_keep_it(client, project, address, version, earlier):
    fields = {
        "dataset_version": version.pk, "model": "image-mlp", "name": "Warm",
        "warm_experiments": ["", str(earlier.code)], "configurations": CSV,
    }  # fmt: skip
    text = client.post(address, fields | {"action": "json"}).context["text"]
    plan = json.loads(text)["warm_start"]
    assert plan["experiments"] == [str(earlier.code)]
    assert plan["configurations"][0] == {"values": {"units": 64, "dropout": 0.1}, "score": 0.9}
    as_json = reverse("experiments:json", args=[project.slug])
    back = client.post(as_json, {"plan": text, "action": "form"})
    assert [each.chosen for each in back.context["earlier"].searches] == [True]
    assert '"units": 96' in back.context["page"].fields["configurations"].value

    client.post(address, fields | {"action": "save"})
    again = client.get(address).context
    assert again["page"].fields["configurations"].value == CSV
    assert again["earlier"].searches[0].chosen

    client.post(as_json, {"plan": text, "action": "start"})
    clone = client.get(reverse("experiments:clone", args=[made(project).code])).context
    assert clone["earlier"].searches[0].chosen
    assert '"score": 0.9' in clone["page"].fields["configurations"].value


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("viewer", 200), ("stranger", 404)])
def test_the_page_shows_the_warm_start(
    client, request, project, address, version, earlier, who, status
):
    fields = {"name": "Warm", "warm_experiments": str(earlier.code), "configurations": CSV}
    send(client, address, version, sampler="bayesian", pruner="none", max_trials="8", **fields)
    experiment = run_search(made(project), make_seat(), turns=20)
    client.force_login(request.getfixturevalue(who))
    response = client.get(reverse("experiments:detail", args=[experiment.code]))
    assert response.status_code == status
    html = response.content.decode()
    assert ("Warm start" in html) is (status == 200)
    if status == 200:
        sources = response.context["elsewhere"].warm.sources
        assert [(each.found, each.fitting) for each in sources] == [(4, 4), (2, 1)]
        assert all(each.weight is not None for each in sources)
        assert "units: " in sources[1].left_out
        assert "Added manually: 1 of 1 run" in html
        trial = client.get(reverse("trials:detail", args=[experiment.code, 0])).content.decode()
        assert "manual" in trial
        assert "Added manually." in trial


def test_a_page_without_a_warm_start_says_nothing_of_it(client, earlier):
    html = client.get(reverse("experiments:detail", args=[earlier.code])).content.decode()
    assert "Warm start" not in html


def test_the_list_asks_the_same_number_of_times_whatever_its_length(
    client, project, address, version, earlier, owner, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(3):
        another = make_experiment(project, max_trials=2)
        start_experiment(another, by=owner)
        run_search(another, make_seat())
    with django_assert_num_queries(len(one)):
        assert len(client.get(address).context["earlier"].searches) == 4
