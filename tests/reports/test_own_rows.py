"""A script that validates on data of its own: what pages say of the split is that."""

import pytest
from django.urls import reverse

from experiments.reports.experiments import protocol_words
from tests.examples import make_experiment


@pytest.fixture
def experiment(project, owner):
    found = make_experiment(project, trials=1, by=owner)
    version = found.hypermodel_version
    version.layers = [{"source": "", "script": {"own_validation": True}}]
    version.save()
    return found


def test_its_own_validation_data_is_named_in_place_of_a_share(experiment, client, owner):
    assert protocol_words(experiment) == "the script's own validation data"
    client.force_login(owner)
    for name in ("detail", "protocol"):
        page = client.get(reverse(f"experiments:{name}", args=[experiment.code])).content.decode()
        assert "own validation data" in page and "holdout" not in page, name


def test_everything_else_is_split_as_its_protocol_says(project, owner):
    assert protocol_words(make_experiment(project, trials=1, by=owner)).startswith("holdout")
