"""A new search around a selection: the form of a clone, narrower, that starts from the selected search."""

import pytest
from django.urls import reverse

from experiments.services.experiments.lifecycle import start_experiment
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.fixture
def earlier(project, version, owner):
    """A finished search with four scored trials."""
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat())


def ask(client, experiment, **query):
    return client.get(reverse("experiments:shrink", args=[experiment.code]), query)


def changes(response):
    return {row.name: row for row in response.context["narrowing"].rows if row.is_other}


def test_brushed_ranges_become_ranges_of_the_form(client, earlier):
    response = ask(client, earlier, brush="units:70..200;learning_rate:=0.01,0.001")
    assert response.status_code == 200
    found = changes(response)
    assert found["units"].before == "32 to 512, step 32"
    assert found["units"].after == "96 to 192, step 32"
    assert found["learning_rate"].after == "0.01, 0.001"
    html = response.content.decode()
    assert 'value="96"' in html and 'value="192"' in html
    assert "narrowed to the brushed ranges" in html
    assert [each.code for each in response.context["earlier"].chosen] == [str(earlier.code)]


def test_chosen_trials_and_a_brushed_score_narrow_to_what_they_have(client, earlier):
    best = earlier.best_trial
    one = ask(client, earlier, chosen=str(best.number))
    assert "narrowed to the one selected trial" in one.content.decode()
    assert f"fixed at {best.values['units']}" in changes(one)["units"].after
    low = min(trial.score for trial in earlier.trials.all())
    many = ask(client, earlier, brush=f"score:{low - 1}..")
    assert "the ranges of the 4 selected trials" in many.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Brush an axis, filter or select trials first."),
        ({"filter": "units >"}, "at the end of the filter"),
        ({"filter": "units > 1000000"}, "No trial matches"),
        ({"chosen": "999,x"}, "No trial matches"),
    ],
)
def test_where_nothing_is_selected_it_says_so_and_keeps_the_selection(
    client, earlier, query, words
):
    address = reverse("experiments:shrink", args=[earlier.code])
    response = client.get(address, query, follow=True)
    assert response.redirect_chain[0][0].startswith(
        reverse("experiments:analysis", args=[earlier.code])
    )
    assert words in response.content.decode()
    assert response.request["QUERY_STRING"].count("=") == len(query)
