import pytest
from django.urls import reverse

from experiments.models import Dataset, Project
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


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
    assert [line.experiment.name for line in answer.experiments] == ["vision sweep"]
    assert [each.name for each in answer.datasets] == ["Vision cells"]
    assert [each.name for each in answer.projects] == ["Vision team"]


def test_a_hyperparameter_finds_the_experiments_that_have_it(client, project, owner):
    make_experiment(project, name="a", trials=1, by=owner)
    assert [line.experiment.name for line in found(client, "dropout").experiments] == ["a"]


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
    assert [line.experiment.name for line in found(client, "🦊").experiments] == ["the 🦊 run"]


def quickly(client, text):
    return client.get(reverse("quick-search"), {"q": text}).json()["found"]


def test_the_palette_finds_names_with_their_kind_and_address(client, project, owner):
    experiment = make_experiment(project, name="vision sweep", trials=1, by=owner)
    dataset = Dataset.objects.create(project=project, slug="v", name="Vision cells")
    assert quickly(client, "VISION") == [
        {
            "label": "vision sweep",
            "group": "Experiment in Vision team",
            "href": reverse("experiments:detail", args=[experiment.code]),
        },
        {
            "label": "Vision team",
            "group": "Project",
            "href": reverse("projects:detail", args=[project.slug]),
        },
        {
            "label": "Vision cells",
            "group": "Dataset in Vision team",
            "href": reverse("datasets:detail", args=[project.slug, dataset.pk]),
        },
    ]


def test_the_palette_hides_what_one_may_not_see_and_what_is_archived(client, project, owner):
    other = Project.objects.create(slug="b", name="Hidden team")
    make_experiment(other, name="hidden sweep", trials=1, by=owner)
    gone = make_experiment(project, name="hidden too", trials=1, by=owner)
    type(gone).objects.filter(pk=gone.pk).update(archived="2026-01-01T00:00:00Z")
    assert quickly(client, "hidden") == []


def test_the_palette_asks_three_queries_however_much_there_is(
    client, project, owner, django_assert_num_queries
):
    for number in range(8):
        make_experiment(project, name=f"sweep {number}", trials=1, by=owner)
    quickly(client, "sweep")
    with django_assert_num_queries(5):  # the session and the person besides
        assert len(quickly(client, "sweep")) == 5


@pytest.mark.parametrize("text", ["", "%", "z\0q", "x" * 100_000, "🦊", "<b>"])
def test_odd_text_breaks_no_palette(client, project, text):
    assert quickly(client, text) == []
