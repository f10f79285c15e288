import pytest
from django.urls import reverse

from experiments.models import Activity, SpaceVersion
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def address(project):
    return reverse("history:list", args=[project.slug])


@pytest.fixture
def three(project, owner, editor):
    first = make_experiment(project, name="Léa's sweep", trials=2, by=owner)
    second = make_experiment(project, name="baseline cnn", trials=2, state="failed", by=editor)
    third = make_experiment(project, name="wide net", trials=2, by=editor)
    first.notes, first.tags = "The learning rate was too high", ["élan", "paper"]
    second.sampler = "grid"
    for each in (first, second, third):
        each.save()
    SpaceVersion.objects.filter(experiment=third).update(
        space={
            "hyperparameters": [{"name": "wobble_rate", "type": "float", "help": "see kernel"}],
            "constraints": [],
        }
    )
    return first, second, third


def names(response):
    return {line.experiment.name for line in response.context["lines"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"q": "sweep"}, {"Léa's sweep"}),
        ({"q": "CNN baseline"}, {"baseline cnn"}),
        ({"q": "learning too"}, {"Léa's sweep"}),
        ({"q": "élan"}, {"Léa's sweep"}),
        ({"tag": "paper"}, {"Léa's sweep"}),
        ({"q": "wobble"}, {"wide net"}),
        ({"q": "kernel"}, set()),
        ({"q": "%"}, set()),
        ({"q": "'; drop table"}, set()),
        ({"q": "a\0b"}, set()),
        ({"state": "failed"}, {"baseline cnn"}),
        ({"sampler": "grid"}, {"baseline cnn"}),
        ({"person": "owner"}, {"Léa's sweep"}),
        ({"since": "2001-01-01"}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"until": "2001-01-01"}, set()),
        ({"since": "31/12/2020"}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"page": "abc"}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"page": "-1"}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"page": "999999999999"}, {"Léa's sweep", "baseline cnn", "wide net"}),
        ({"state": "flying"}, set()),
    ],
)
def test_filters_find_what_they_name(client, address, three, query, found):
    response = client.get(address, query)
    assert response.status_code == 200
    assert names(response) == found


def test_archived_experiments_are_shown_when_asked_for(client, address, three, owner):
    from experiments.services.experiments.lifecycle import archive_experiment

    archive_experiment(three[0], by=owner)
    assert "Léa's sweep" not in names(client.get(address))
    assert "Léa's sweep" in names(client.get(address, {"archived": "1"}))


def test_the_timeline_tells_who_did_what_by_day(client, address, three, owner, project):
    Activity.objects.create(
        project=project, experiment=three[0], user=owner, verb="note", text="Looked at <b>it</b>"
    )
    response = client.get(address)
    line = response.context["days"][0].lines[0]
    assert (line.user.username, line.text) == ("owner", "Looked at <b>it</b>")
    assert b"<b>it</b>" not in response.content


def test_an_empty_history_says_what_will_be_there(client, address):
    assert b"No history yet" in client.get(address).content


def test_pages_hold_fifty(client, address, project, owner):
    for number in range(52):
        make_experiment(project, name=f"e{number}", trials=0, by=owner)
    first = client.get(address)
    assert len(first.context["lines"]) == 50
    assert len(client.get(address, {"page": "2", "q": "e"}).context["lines"]) == 2
