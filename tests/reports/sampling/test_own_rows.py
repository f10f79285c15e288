"""A script that validates on data of its own: what pages say of the split is that."""

from dataclasses import replace

import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.reports.compare.comparability import comparability
from experiments.reports.experiments.head import protocol_words
from experiments.reports.experiments.protocol import protocol_page
from experiments.reports.written.settings import settings_of
from experiments.services.bundles.card import protocol_lines
from tests.examples import make_experiment, replan

pytestmark = pytest.mark.both_databases


@pytest.fixture
def experiment(project, owner):
    found = make_experiment(project, trials=1, by=owner)
    version = found.hypermodel_version
    version.layers = [{"source": "", "script": {"own_validation": True}}]
    version.save()
    return found


def test_its_own_validation_data_is_named_in_place_of_a_share(experiment, client, owner):
    assert protocol_words(experiment) == "the code's own validation data"
    client.force_login(owner)
    for name in ("detail", "protocol"):
        page = client.get(reverse(f"experiments:{name}", args=[experiment.code])).content.decode()
        assert "own validation data" in page and "holdout" not in page, name


def test_reports_and_the_protocol_name_no_share_that_does_not_count(experiment):
    rows = dict(settings_of(experiment)[0].rows)
    assert rows["Split"] == "the code's own validation data" and "Split by" not in rows
    assert "Split by" not in dict(protocol_page(experiment).judging)


def test_a_model_card_says_whose_rows_validated(experiment):
    lines = protocol_lines(experiment)
    words = (
        "Each trial had the code's own validation data and was trained on all its training rows."
    )
    assert lines[0] == words
    assert "of the rows, drawn once" not in " ".join(lines)
    assert "whether they include rows of the locked test set is unknown" in lines[-1]


def test_the_card_of_its_refit_says_that_nothing_validated(experiment):
    refit = replace(experiment.protocol, kind="all_rows", repeats=1, racing=False)
    replan(experiment, protocol=refit)
    assert "without validation" in protocol_lines(experiment)[0]
    assert "training rows" in protocol_lines(experiment)[0]


def test_searches_of_one_script_are_judged_alike_and_of_two_are_not(experiment, project, owner):
    other = make_experiment(project, trials=1, by=owner, name="Other")
    model = experiment.hypermodel_version.hypermodel
    other.hypermodel_version = model.versions.create(number=99, digest="another")
    unlike = comparability([(experiment, experiment.split_hash), (other, other.split_hash)]).unlike
    (protocol,) = (each for each in unlike if each.what == "Protocol")
    assert protocol.values[0] == "the code's own validation data"
    again = Experiment.objects.get(pk=experiment.pk)
    drawn = replace(again.protocol, validation_share=0.3, respecting="none")
    replan(again, protocol=drawn)
    again.hypermodel_version = experiment.hypermodel_version
    assert comparability([(experiment, "a"), (again, "b")]).may_rank


def test_everything_else_is_split_as_its_protocol_says(project, owner):
    assert protocol_words(make_experiment(project, trials=1, by=owner)).startswith("holdout")
