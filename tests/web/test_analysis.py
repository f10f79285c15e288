"""The Analysis tab: what stands on it with no trial, one, and many."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.examples import make_experiment


def page(client, user, experiment):
    client.force_login(user)
    return client.get(reverse("experiments:analysis", args=[experiment.code]))


def config(html):
    found = re.search(r'id="analysis-config" type="application/json">(.*?)</script>', html)
    return json.loads(found.group(1))


@pytest.mark.parametrize("trials", [0, 1])
def test_with_fewer_than_two_finished_trials_it_says_so(client, viewer, project, trials):
    html = page(client, viewer, make_experiment(project, trials=trials)).content.decode()
    assert f"Two finished trials are needed; {trials} so far" in html
    assert "analysis-config" not in html


@pytest.mark.parametrize("state", ["pruned", "failed"])
def test_trials_that_ended_without_a_score_are_drawn_as_well(client, viewer, project, state):
    experiment = make_experiment(project, trials=3)
    experiment.trials.update(state=state, score=None)
    assert "analysis-config" in page(client, viewer, experiment).content.decode()


def test_it_hands_the_charts_the_space_and_the_columns(client, viewer, project):
    html = page(client, viewer, make_experiment(project, trials=5)).content.decode()
    found = config(html)
    assert found["objective"] == "val_accuracy" and found["direction"] == "maximize"
    keys = {column["key"] for column in found["columns"] if column["hyper"]}
    assert {row["key"] for row in found["space"]} == keys
    assert "<title>Analysis · mnist-dense · Tuning Site</title>" in html


def test_every_chart_stands_on_it_with_its_addresses(client, viewer, project):
    experiment = make_experiment(project, trials=5)
    html = page(client, viewer, experiment).content.decode()
    charts = {
        "hyperparameter-importance": ["importance"],
        "score-slice": ["importance"],
        "score-surface": ["importance", "surface"],
        "choice-boxes": ["importance"],
        "rank-plot": ["importance"],
        "duration-score": [],
        "score-distribution": ["distribution"],
        "worker-timeline": ["attempts"],
    }
    for name, addresses in charts.items():
        tag = re.search(rf"<{name} [^>]*>", html).group(0)
        for address in addresses:
            url = reverse(f"chart_data:{address}", args=[experiment.code])
            assert f'{address}="{url}"' in tag


def test_its_queries_do_not_grow_with_the_trials(
    client, viewer, project, django_assert_num_queries
):
    addresses = [
        reverse("experiments:analysis", args=[make_experiment(project, trials=trials).code])
        for trials in (4, 40)
    ]
    client.force_login(viewer)
    client.get(addresses[0])
    with CaptureQueriesContext(connection) as asked:
        client.get(addresses[0])
    assert len(asked) <= 20
    with django_assert_num_queries(len(asked)):
        client.get(addresses[1])
