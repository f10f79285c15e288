"""Pages call samplers and pruners as the form does, never by their slugs."""

import pytest
from django.urls import reverse

from tests.examples import make_experiment

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.fixture
def experiment(project):
    found = make_experiment(project, trials=1)
    found.sampler, found.pruner = "quasi_random", "asha"
    found.save()
    return found


@pytest.mark.parametrize("page", ["detail", "protocol", "trials"])
def test_pages_of_an_experiment_say_the_words(client, experiment, page):
    html = client.get(reverse(f"experiments:{page}", args=[experiment.code])).content.decode()
    assert "Quasi-random (Sobol)" in html
    assert "ASHA" in html or page != "protocol"
    assert ">quasi_random<" not in html.lower() and ">asha<" not in html


def test_the_history_offers_them_by_their_words(client, project, experiment):
    html = client.get(reverse("experiments:list", args=[project.slug])).content.decode()
    assert html.count("Quasi-random (Sobol)") == 2  # in the line and in the filter


def test_a_trial_says_who_chose_it(client, experiment):
    html = client.get(reverse("trials:detail", args=[experiment.code, 0])).content.decode()
    assert "Quasi-random (Sobol)" in html
