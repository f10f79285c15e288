"""A sampler of one's own on the pages and in a worker: offered, run, gone, broken."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from experiments.models import Experiment
from experiments.reports.sampling.replay import replay
from experiments.search.strategies.registry import add_plugins
from experiments.services.site.invariants import broken_invariants
from tests.searches import make_seat, run_search
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "plugins.md"
_, SAMPLER, PRUNER, _ = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
OWN = {"sampler": "near_the_best", "sampler-near_the_best-drawn": "5"}

PAUSES = """
    def decide(self, trial, history):
        if trial.number == 0:
            return Decision()
        return Decision("pause", "Down.", Standing(len(trial.curve), 0.5))

    def promote(self, history):
"""


@pytest.fixture
def folder(tmp_path):
    """With the guide's sampler and pruner in use."""
    (tmp_path / "mine.py").write_text(SAMPLER, encoding="utf-8")
    (tmp_path / "other.py").write_text(PRUNER, encoding="utf-8")
    assert add_plugins(tmp_path) == ()
    yield tmp_path
    add_plugins(tmp_path / "nothing")


def searched(client, address, version, **fields):
    """An experiment that the form made and a worker ran."""
    assert send(client, address, version, max_trials="4", repeats="1", **fields).status_code == 302
    return run_search(Experiment.objects.get(purpose="search"), make_seat())


def test_the_form_offers_it_with_its_options_and_a_worker_runs_it(
    client, project, address, version, folder
):
    html = client.get(address).content.decode()
    assert ">Near the best</option>" in html and "Of so many configurations one is taken." in html
    assert ">Stop what is no number</option>" in html
    experiment = searched(client, address, version, pruner="no_numbers", **OWN)
    assert experiment.sampler_options == {"drawn": 5}
    assert (experiment.state, experiment.trials.count()) == ("completed", 4)
    assert experiment.trials.get(number=3).kind == "exploit"
    assert replay(experiment).is_equal
    clone = client.get(reverse("experiments:clone", args=[experiment.code])).context["page"]
    assert clone.fields["sampler-near_the_best-drawn"].value == "5"


def test_its_options_are_checked_at_their_fields(client, address, version, folder):
    response = send(client, address, version, **{**OWN, "sampler-near_the_best-drawn": "0"})
    assert response.status_code == 422
    errors = {error.field: error.message for error in response.context["page"].errors}
    assert "between 1 and 100" in errors["sampler-near_the_best-drawn"]


def test_pages_of_its_searches_stand_when_it_is_gone(client, project, address, version, folder):
    experiment = searched(client, address, version, pruner="no_numbers", **OWN)
    add_plugins(folder / "nothing")
    for name in ("detail", "trials", "protocol", "log", "clone"):
        address = reverse(f"experiments:{name}", args=[experiment.code])
        assert client.get(address).status_code == 200
    plan = json.dumps(experiment.plan)
    answer = client.post(
        reverse("experiments:json", args=[project.slug]), {"plan": plan, "action": "start"}
    )
    assert answer.status_code == 422
    with pytest.raises(CommandError, match="no sampler near_the_best here"):
        call_command("replay", str(experiment.code))


def test_a_worker_that_lacks_it_ends_the_search_and_says_so(client, address, version, folder):
    send(client, address, version, **OWN)
    add_plugins(folder / "nothing")
    experiment = run_search(Experiment.objects.get(purpose="search"), make_seat())
    assert experiment.state == "failed"
    assert "no sampler near_the_best here" in experiment.state_reason
    assert not broken_invariants()


@pytest.mark.parametrize(
    "fault",
    [
        "raise AttributeError('oh')",
        "raise RuntimeError",
        "return 3",
        "return Suggestion({'units': 10**6}, 'Why.')",
        "return Suggestion({}, 'Why.')",
    ],
)
def test_a_sampler_that_misbehaves_ends_its_search_alone(client, address, version, folder, fault):
    text = SAMPLER.replace("        seen = {", f"        {fault}\n        seen = {{", 1)
    (folder / "mine.py").write_text(text, encoding="utf-8")
    add_plugins(folder)
    send(client, address, version, **OWN)
    experiment = run_search(Experiment.objects.get(purpose="search"), make_seat())
    assert experiment.state == "failed"
    assert "The sampler near_the_best failed" in experiment.state_reason
    assert not broken_invariants()


@pytest.mark.parametrize(
    "fault",
    [
        "    def decide(self, trial, history):\n        raise AttributeError('oh')",
        "    def decide(self, trial, history):\n        return None",
        "    def looks_at(self, epoch, epochs):\n        raise RuntimeError('oh')",
        "    def rungs(self, epochs):\n        raise RuntimeError('oh')",
        PAUSES + "        return Promotion(99, 'Up.', Standing(1, 0.5))",
        PAUSES
        + "        return Promotion(0, 'Up.', Standing(1, 0.5)) if len(history) > 1 else None",
    ],
)
def test_a_pruner_that_misbehaves_ends_its_search_alone(client, address, version, folder, fault):
    text = PRUNER.replace("Standing, option", "Promotion, Standing, option") + f"\n\n{fault}\n"
    (folder / "other.py").write_text(text, encoding="utf-8")
    add_plugins(folder)
    fields = {"space-epochs-value": "3", "max_trials": "4", "repeats": "1"}
    assert send(client, address, version, pruner="no_numbers", **fields).status_code == 302
    experiment = run_search(Experiment.objects.get(purpose="search"), make_seat())
    assert experiment.state == "failed"
    assert "The pruner no_numbers failed" in experiment.state_reason
    assert not broken_invariants()


def test_a_sampler_that_cant_look_at_the_space_is_told_in_the_form(
    client, project, address, version, folder
):
    text = SAMPLER.replace("return []", "raise OSError('away')")
    (folder / "mine.py").write_text(text, encoding="utf-8")
    add_plugins(folder)
    response = send(client, address, version, **OWN)
    assert response.status_code == 422
    errors = {error.field: error.message for error in response.context["page"].errors}
    assert "can't search this space: away" in errors["sampler"]


def test_a_file_that_cant_be_loaded_is_told_on_the_workers_page(client, folder):
    (folder / "bad.py").write_text("raise ValueError('half done')", encoding="utf-8")
    add_plugins(folder)
    html = client.get(reverse("workers:list")).content.decode()
    assert "bad.py can&#x27;t be used." in html and "half done" in html
    (folder / "bad.py").unlink()
    add_plugins(folder)
    assert "be used." not in client.get(reverse("workers:list")).content.decode()
