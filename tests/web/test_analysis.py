"""The Analysis tab: what stands on it with no trial, one, and many."""

import json
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from experiments.reports.analysis.charts import ANALYSIS, CHARTS
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
    assert f"Analysis needs 2 finished trials; {trials} so far" in html
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


def test_every_chart_of_the_registry_stands_on_it_with_its_addresses(client, viewer, project):
    experiment = make_experiment(project, trials=5)
    html = page(client, viewer, experiment).content.decode()
    for name, chart in ANALYSIS.items():
        tag = re.search(rf"<{chart.tag} [^>]*>", html).group(0)
        addresses = {"data": name} if chart.data else {}
        if chart.choosers:
            addresses["importance"] = "importance"
            assert f'address="{name}"' in tag
        for attribute, address in addresses.items():
            url = reverse(f"chart_data:{address}", args=[experiment.code])
            assert f'{attribute}="{url}"' in tag
        for key, label in chart.choosers.items():
            assert f'for="{name}-{key}">{label}</label>' in html
        assert f'<h2 class="panel-title">{chart.title}</h2>' in html
        assert escape(chart.help) in html


def test_the_page_s_script_defines_every_chart_of_the_registry():
    script = (settings.BASE_DIR / "static" / "js" / "analysis.js").read_text(encoding="utf-8")
    defined = set(re.findall(r'defineChart\("([\w-]+)"', script))
    own_elements = set(re.findall(r'"./elements/([\w-]+).js"', script))
    assert {chart.tag for chart in ANALYSIS.values()} <= defined | own_elements
    assert defined <= {chart.tag for chart in ANALYSIS.values()}


def test_what_every_chart_reads_is_told_in_the_guide():
    guide = (settings.BASE_DIR / "docs" / "guide" / "chart-data.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^## ([\w-]+)\.json$", guide, re.MULTILINE))
    assert {name for name, chart in CHARTS.items() if chart.data} <= told


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
