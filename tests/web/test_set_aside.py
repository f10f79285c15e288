"""The door to setting trials aside: what it answers, and what the pages then show."""

import html
import re

import pytest
from django.urls import reverse

from tests.examples import make_experiment

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.fixture
def experiment(project, editor):
    return make_experiment(project, trials=6, by=editor)


def send(client, experiment, **fields):
    address = reverse("experiments:set-aside", args=[experiment.code])
    return client.post(address, fields, follow=True)


def test_they_stay_chosen_so_that_it_can_be_undone(client, experiment):
    response = send(client, experiment, trials="2, 4", reason="Wrong data", tab="analysis")
    page = reverse("experiments:analysis", args=[experiment.code])
    assert response.redirect_chain[0][0] == f"{page}?chosen=2,4"
    page_after = response.content.decode()
    assert "Set 2 trials aside." in page_after
    undo = (
        reverse("experiments:set-aside", args=[experiment.code]) + "?back=2%2C4&amp;tab=analysis"
    )
    assert f'action="{undo}"' in page_after
    data = client.get(reverse("chart_data:history", args=[experiment.code])).json()
    assert data["trials"]["own"]["set_aside"] == ["", "", "Wrong data", "", "Wrong data", ""]
    response = send(client, experiment, trials="2,4", act="back", tab="trials")
    assert "Included 2 trials again." in response.content.decode()
    assert not experiment.trials.exclude(set_aside="").exists()


def test_rows_of_the_table_and_the_trial_say_so(client, experiment):
    send(client, experiment, trials="3", reason="<b>Wrong</b> data")
    html = client.get(reverse("experiments:trials", args=[experiment.code])).content.decode()
    assert html.count("is-set-aside") == 1
    page = client.get(reverse("trials:detail", args=[experiment.code, 3])).content.decode()
    assert "Set aside: <bdi>&lt;b&gt;Wrong&lt;/b&gt; data</bdi>" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"trials": "", "reason": "x"}, "Enter numbers of trials"),
        ({"trials": "a,1e3", "reason": "x"}, "Enter numbers of trials"),
        ({"trials": "1", "reason": ""}, "Enter a reason"),
        ({"trials": "1", "tab": "https://elsewhere", "reason": ""}, "Enter a reason"),
    ],
)
def test_what_cannot_be_done_says_why(client, experiment, fields, words):
    response = send(client, experiment, **fields)
    assert words in response.content.decode()
    assert response.redirect_chain[0][0].startswith(
        reverse("experiments:trials", args=[experiment.code])
    )


def test_undo_takes_back_just_what_was_set_aside_now(client, experiment):
    send(client, experiment, trials="2", reason="Wrong data")
    response = send(client, experiment, trials="2,4", reason="Another reason", tab="analysis")
    found = re.search(r'action="([^"]*back=[^"]*)"', response.content.decode())
    after = client.post(html.unescape(found[1]), follow=True)
    assert after.redirect_chain[0][0].startswith(
        reverse("experiments:analysis", args=[experiment.code])
    )
    assert "Included 1 trial again." in after.content.decode()
    assert list(experiment.trials.exclude(set_aside="").values_list("number", flat=True)) == [2]
