"""The form's search section: Auto first, what it would do now, and the methods side by side."""

import json
import re

import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.reports.sampling.recorded_regret import recorded_regret
from experiments.search.strategies.registry import ADVICE, SAMPLERS
from experiments.web.forms.experiment.strategies import strategy_table
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def says(client, project, version, **fields):
    posted = {"dataset_version": version.pk, "model": "image-mlp", "name": "First"} | fields
    return client.post(reverse("experiments:preview", args=[project.slug]), posted).json()["says"]


def test_a_search_is_autos_unless_somebody_chooses(client, address, version):
    send(client, address, version)
    experiment = Experiment.objects.get(purpose="search")
    assert (experiment.sampler, experiment.pruner) == ("auto", "auto")


def test_auto_says_what_it_would_do_and_why_as_the_budget_changes(client, project, version):
    words = says(client, project, version, max_trials="40")["sampler"]
    assert words.startswith("Auto uses Bayesian optimisation, because")
    assert "Quasi-random" in says(client, project, version, max_trials="4")["sampler"]
    many = says(client, project, version, max_trials="16", parallel="8")["sampler"]
    assert "8 of 16 trials in parallel" in many


def test_the_page_says_it_before_anything_is_typed(client, address, version):
    html = client.get(address).content.decode()
    assert "Auto uses Bayesian optimisation, because" in html
    assert html.index('value="auto" selected') < html.index('value="random"')


@pytest.mark.parametrize("typed", ["", "many", "-3", "1.5", "99999999999999999999"])
def test_a_budget_that_is_none_leaves_auto_with_an_answer(client, project, version, typed):
    assert says(client, project, version, max_trials=typed, parallel=typed)["sampler"]


def test_another_method_and_a_wrong_space_say_nothing(client, project, version):
    assert says(client, project, version, sampler="grid")["sampler"] == ""
    wrong = {"space-0-name": "units", "space-0-min": "64", "space-0-max": "16"}
    found = says(client, project, version, **wrong)
    assert (found["sampler"], found["pruner"]) == ("", "")


def test_autos_pruner_says_when_it_would_cut(client, project, version):
    assert says(client, project, version)["pruner"]


def test_every_method_has_its_line(client, address, version):
    assert set(ADVICE) >= {kind.slug for kind in SAMPLERS.values()}
    page = client.get(address).context["page"]
    assert [line.slug for line in page.strategies.lines] == list(SAMPLERS)
    assert all(line.advice.good_for and line.advice.needs for line in page.strategies.lines)


RECORD = {
    "about": "Three searches each.",
    "trials": [10, 25],
    "tables": ["a", "b"],
    "strategies": {
        "random": {"median": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]},
        "bayesian": {"median": [0.3, 0.05], "low": [0.2, 0.0], "high": [0.4, 0.1]},
        "grid": {"median": [0.4, None], "low": [0.3, None], "high": [0.5, None]},
        "gone": {"median": [0.4, 0.1], "low": [0.3, 0.1], "high": [0.5, 0.2]},
    },
}


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD))
    return recorded_regret(path)


def test_bars_are_drawn_from_the_record_and_what_was_not_measured_has_none(record):
    table = strategy_table(SAMPLERS, record)
    bars = {line.slug: line.bar for line in table.lines}
    assert (bars["random"], bars["bayesian"], bars["grid"], bars["tpe"]) == (
        100.0,
        25.0,
        None,
        None,
    )
    assert set(table.chart["curves"]) == {"random", "bayesian", "grid"}


def test_the_page_carries_the_record_for_its_chart(client, address, version, record, monkeypatch):
    monkeypatch.setattr("experiments.web.forms.experiment.page.recorded_regret", lambda: record)
    html = client.get(address).content.decode()
    assert "<strategy-regret" in html and "Regret after 25 trials" in html
    chart = json.loads(re.search(r'id="recorded-regret"[^>]*>(.*?)</script>', html)[1])
    assert chart["trials"] == [10, 25] and chart["labels"]["bayesian"] == "Bayesian optimisation"
    assert chart["curves"]["bayesian"]["median"] == [0.3, 0.05]


def test_without_a_record_nothing_is_drawn(client, address, version, tmp_path, monkeypatch):
    assert recorded_regret(tmp_path / "none.json") is None
    monkeypatch.setattr("experiments.web.forms.experiment.page.recorded_regret", lambda: None)
    response = client.get(address)
    assert all(line.bar is None for line in response.context["page"].strategies.lines)
    assert "strategy-regret" not in response.content.decode()


def test_the_json_view_carries_auto_and_a_clone_too(client, project, address, version):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    assert (plan["sampler"], plan["sampler_options"]) == ("auto", {})
    back = client.post(
        reverse("experiments:json", args=[project.slug]),
        {"plan": json.dumps(plan), "action": "form"},
    )
    assert back.context["page"].fields["sampler"].value == "auto"
    send(client, address, version, sampler="bayesian", **{"sampler-bayesian-starts": "9"})
    code = Experiment.objects.get(purpose="search").code
    clone = client.get(reverse("experiments:clone", args=[code])).context["page"]
    assert clone.fields["sampler"].value == "bayesian"
    assert clone.fields["sampler-bayesian-starts"].value == "9"
