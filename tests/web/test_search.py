import pytest
from django.urls import reverse

from experiments.models import Dataset, Project
from tests.examples import make_experiment


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


def found(client, text):
    return client.get(reverse("search"), {"q": text}).context["found"]


def test_no_words_find_nothing_and_say_what_can_be_found(client):
    response = client.get(reverse("search"))
    assert response.status_code == 200
    assert response.context["found"].is_empty


def test_words_are_found_in_experiments_data_sets_and_projects(client, project, owner):
    make_experiment(project, name="vision sweep", trials=1, by=owner)
    Dataset.objects.create(project=project, slug="v", name="Vision cells")
    answer = found(client, "vision")
    assert [line.name for line in answer.experiments] == ["vision sweep"]
    assert [each.name for each in answer.datasets] == ["Vision cells"]
    assert [each.name for each in answer.projects] == ["Vision team"]


def test_a_hyperparameter_finds_the_experiments_that_have_it(client, project, owner):
    make_experiment(project, name="a", trials=1, by=owner)
    assert [line.name for line in found(client, "dropout").experiments] == ["a"]


def test_what_one_may_not_see_is_not_found(client, owner):
    other = Project.objects.create(slug="b", name="Hidden team")
    make_experiment(other, name="hidden sweep", trials=1, by=owner)
    Dataset.objects.create(project=other, slug="h", name="hidden cells")
    assert found(client, "hidden").is_empty


@pytest.mark.parametrize("text", ["%", "_", "\\", "a\0", "(", "[", "x" * 100_000, '"', "🦊"])
def test_odd_text_is_looked_for_and_breaks_nothing(client, project, owner, text):
    make_experiment(project, name="plain", trials=1, by=owner)
    assert client.get(reverse("search"), {"q": text}).status_code == 200


def test_a_foxs_name_is_found(client, project, owner):
    make_experiment(project, name="the 🦊 run", trials=1, by=owner)
    assert [line.name for line in found(client, "🦊").experiments] == ["the 🦊 run"]
