"""The form's search section: Auto first, what it would do now, and the methods side by side."""

import json

import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.reports.recorded_regret import recorded_regret
from experiments.search.advice import ADVICE
from experiments.search.registry import SAMPLERS
from experiments.web.forms.strategy_table import strategy_table
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def says(client, project, version, **fields):
    posted = {"dataset_version": version.pk, "model": "image-mlp", "name": "First"} | fields
    return client.post(reverse("experiments:preview", args=[project.slug]), posted).json()["says"]


def test_a_search_is_autos_unless_somebody_chooses(client, address, version):
    send(client, address, version)
    experiment = Experiment.objects.get()
    assert (experiment.sampler, experiment.pruner) == ("auto", "auto")


def test_auto_says_what_it_would_do_and_why_as_the_budget_changes(client, project, version):
    words = says(client, project, version, max_trials="40")["sampler"]
    assert words.startswith("Auto asks Bayesian optimisation, because")
    assert "Quasi-random" in says(client, project, version, max_trials="4")["sampler"]
    many = says(client, project, version, max_trials="16", parallel="8")["sampler"]
    assert "8 of 16 trials at a time" in many


def test_the_page_says_it_before_anything_is_typed(client, address, version):
    html = client.get(address).content.decode()
    assert "Auto asks Bayesian optimisation, because" in html
    assert html.index('value="auto" selected') < html.index('value="random"')


@pytest.mark.parametrize("typed", ["", "many", "-3", "1.5", "99999999999999999999"])
def test_a_budget_that_is_none_leaves_auto_with_an_answer(client, project, version, typed):
    assert says(client, project, version, max_trials=typed, parallel=typed)["sampler"]


def test_another_method_and_a_wrong_space_say_nothing(client, project, version):
    assert says(client, project, version, sampler="grid")["sampler"] == ""
    wrong = {"space-0-name": "units", "space-0-min": "64", "space-0-max": "16"}
    assert says(client, project, version, **wrong) == {"sampler": "", "pruner": ""}


def test_autos_pruner_says_when_it_would_cut(client, project, version):
    assert says(client, project, version)["pruner"]


def test_every_method_has_its_line(client, address, version):
    assert set(ADVICE) >= {kind.slug for kind in SAMPLERS.values()}
    page = client.get(address).context["page"]
    assert [line.slug for line in page.strategies.ours] == list(SAMPLERS)
    assert all(line.advice.good_for and line.advice.needs for line in page.strategies.ours)


RECORD = {
    "date": "2026-11-25",
    "tables": ["a", "b"],
    "seeds": 3,
    "workers": 1,
    "trials": [10, 25],
    "tools": {
        "random": {"label": "Random", "ours": True, "version": "", "regret": [0.4, 0.2]},
        "bayesian": {"label": "Bayesian", "ours": True, "version": "", "regret": [0.3, 0.05]},
        "smac": {"label": "SMAC", "ours": False, "version": "smac 2.4", "regret": [0.3, None]},
    },
}


def test_bars_are_drawn_from_the_record_and_what_was_not_measured_has_none(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD))
    table = strategy_table(SAMPLERS, recorded_regret(path))
    bars = {line.slug: line.bar for line in table.ours}
    assert (bars["random"], bars["bayesian"], bars["grid"]) == (100.0, 25.0, None)
    assert [(line.label, line.bar) for line in table.peers] == [("SMAC 2.4", None)]


def test_without_a_record_nothing_is_drawn(tmp_path):
    table = strategy_table(SAMPLERS, recorded_regret(tmp_path / "none.json"))
    assert table.record is None and table.peers == ()
    assert all(line.bar is None for line in table.ours)


def test_the_json_view_carries_auto_and_a_clone_too(client, project, address, version):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    assert (plan["sampler"], plan["sampler_options"]) == ("auto", {})
    back = client.post(
        reverse("experiments:json", args=[project.slug]),
        {"plan": json.dumps(plan), "action": "form"},
    )
    assert back.context["page"].fields["sampler"].value == "auto"
    send(client, address, version, sampler="bayesian", **{"sampler-bayesian-starts": "9"})
    code = Experiment.objects.get().code
    clone = client.get(reverse("experiments:clone", args=[code])).context["page"]
    assert clone.fields["sampler"].value == "bayesian"
    assert clone.fields["sampler-bayesian-starts"].value == "9"
