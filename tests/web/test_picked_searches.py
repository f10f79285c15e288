"""Earlier searches that the new-experiment form ticks by itself, and what takes the ticks away."""

from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.search.history import WarmStart
from experiments.search.strategies.registry import SAMPLERS
from experiments.search.warm_plan import LEARNING
from experiments.services.experiments.lifecycle import start_experiment
from tests.examples import make_experiment as make_example
from tests.search.objectives import BOWL, bowl, search
from tests.search.warm import study
from tests.searches import make_experiment, make_seat, run_search
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.fixture
def earlier(project, version, owner):
    """Searches of the image MLP that ended with four scored trials each, the oldest first."""

    def make(count):
        found = []
        for number in range(count):
            experiment = make_experiment(project, max_trials=4)
            plan = experiment.plan | {"sampler": "auto"}  # as a clone sees it; random is quicker
            Experiment.objects.filter(pk=experiment.pk).update(name=f"earlier {number}", plan=plan)
            start_experiment(experiment, by=owner)
            found.append(run_search(experiment, make_seat()))
        return found

    return make


def ticked(response):
    return [each.name for each in response.context["earlier"].chosen]


def opened(client, address, **query):
    return client.get(address, {"model": "image-mlp"} | query)


def posted(version, **more):
    return {"dataset_version": version.pk, "model": "image-mlp", "name": "Warm"} | more


def test_an_empty_project_shows_a_quiet_sentence_and_nothing_else(client, address, version):
    response = opened(client, address)
    html = response.content.decode()
    assert ticked(response) == []
    assert "No search of this project has a scored trial yet" in html
    assert "Clear selection" not in html
    assert "learn from them" not in html


def test_the_newest_three_of_the_same_model_are_ticked_and_said(client, address, version, earlier):
    earlier(4)
    response = opened(client, address, data=version.pk)
    assert ticked(response) == ["earlier 3", "earlier 2", "earlier 1"]
    html = response.content.decode()
    assert "earlier 3, earlier 2 and earlier 1 are selected: most similar" in html
    assert "4 of the 4 scored trials of earlier 3 are reused." in html
    assert "Clear selection" in html


@pytest.mark.parametrize("why", ["runs", "few", "archived", "other task", "other space", "draft"])
def test_what_teaches_little_is_not_ticked(client, address, version, project, earlier, why):
    (one,) = earlier(1)
    experiment = Experiment.objects.filter(pk=one.pk)
    if why == "runs":
        experiment.update(state="running")
    elif why == "draft":
        experiment.update(state="draft")
    elif why == "archived":
        experiment.update(archived=one.created)
    elif why == "few":
        one.trials.filter(number__gt=0).delete()
    elif why == "other task":
        other = make_example(project).dataset_version
        type(other).objects.filter(pk=other.pk).update(task="regression", digest="e" * 64)
        experiment.update(dataset_version=other)
    else:
        one.trials.update(values={"units": 10**6})
    assert ticked(opened(client, address, data=version.pk)) == []


def test_those_of_another_project_are_neither_ticked_nor_named(
    client, address, version, earlier, project
):
    (one,) = earlier(1)
    other = type(project).objects.create(slug="other", name="Other")
    Experiment.objects.filter(pk=one.pk).update(project=other)
    response = opened(client, address, data=version.pk)
    assert ticked(response) == []
    assert "earlier 0" not in response.content.decode()


def test_what_is_ticked_is_taken_over_and_what_was_unticked_is_not(
    client, address, version, project, earlier
):
    (one,) = earlier(1)
    page = opened(client, address, data=version.pk)
    codes = [each.code for each in page.context["earlier"].chosen]
    send(client, address, version, name="Warm", warm_experiments=["", *codes])
    assert Experiment.objects.get(name="Warm").plan["warm_start"]["experiments"] == [str(one.code)]
    send(client, address, version, name="Cold", warm_experiments="")
    assert Experiment.objects.get(name="Cold").plan["warm_start"]["experiments"] == []
    send(client, address, version, name="Script")
    assert Experiment.objects.get(name="Script").plan["warm_start"]["experiments"] == []


def test_a_clone_ticks_its_origin_once(client, version, earlier):
    _, two = earlier(2)
    page = client.get(reverse("experiments:clone", args=[two.code]))
    assert ticked(page) == ["earlier 1", "earlier 0"]
    assert page.content.decode().count(f'value="{two.code}" checked') == 1


def test_a_clone_keeps_what_its_origin_started_from(client, address, version, project, earlier):
    one, _two = earlier(2)
    send(client, address, version, name="Warm", warm_experiments=["", str(one.code)])
    warm = run_search(Experiment.objects.get(name="Warm"), make_seat(), turns=60)
    page = client.get(reverse("experiments:clone", args=[warm.code]))
    assert ticked(page) == ["earlier 0"]
    assert "most similar to this search" not in page.content.decode()


def test_a_method_that_learns_nothing_ticks_none_and_says_so(client, version, earlier):
    (one,) = earlier(1)
    Experiment.objects.filter(pk=one.pk).update(plan=one.plan | {"sampler": "random"})
    page = client.get(reverse("experiments:clone", args=[one.code]))
    assert ticked(page) == []
    assert "None is selected: Random search does not learn" in page.content.decode()


def test_the_preview_says_when_the_chosen_method_learns_nothing(client, project, version, earlier):
    (one,) = earlier(1)
    address = reverse("experiments:preview", args=[project.slug])
    fields = posted(version, warm_experiments=["", str(one.code)])
    words = client.post(address, fields | {"sampler": "grid"}).json()["says"]["warm"]
    assert "Grid search does not learn from them: it only runs" in words
    words = client.post(address, fields | {"sampler": "bayesian"}).json()["says"]["warm"]
    assert "learns nothing" not in words


def test_another_model_is_picked_for_anew_unless_somebody_touched_the_ticks(
    client, address, version, earlier
):
    (one,) = earlier(1)
    untouched = posted(
        version, action="refresh", warm_experiments=["", str(one.code)], warm_picked=str(one.code)
    )
    by_hand = untouched | {"warm_picked": ""}
    none = untouched | {"warm_experiments": ""}
    assert ticked(client.post(address, untouched)) == ["earlier 0"]
    assert ticked(client.post(address, by_hand)) == ["earlier 0"]
    assert ticked(client.post(address, none)) == []
    one.trials.update(values={"units": 10**6})  # as if the new space didn't hold them
    assert ticked(client.post(address, untouched)) == []
    assert ticked(client.post(address, by_hand)) == ["earlier 0"]


def test_a_draft_stays_without_what_was_unticked(client, address, version, earlier):
    (one,) = earlier(1)
    fields = posted(version, warm_experiments="", warm_picked=str(one.code))
    client.post(address, fields | {"action": "save"})
    response = client.get(address)
    assert ticked(response) == []
    assert response.context["picked"] == str(one.code)


@pytest.mark.parametrize("slug", sorted(SAMPLERS))
def test_the_methods_that_learn_are_those_whose_models_hear_of_earlier_searches(slug):
    history = search(SAMPLERS[slug](), BOWL, bowl, 12)
    told = replace(history, warm=WarmStart(studies=(study(),)))
    answers = [
        SAMPLERS[slug]().suggest(BOWL, each, 12, np.random.default_rng(3))
        for each in (history, told)
    ]
    differs = answers[0].values != answers[1].values or answers[1].weights != ()
    assert differs is (slug in LEARNING)
