"""The files of an experiment: what they take, what a clean-up frees, and pages of what is gone."""

import pytest
from django.urls import reverse

from experiments import storage
from experiments.evaluation.keep import Keep
from experiments.models import Activity, Artifact, Experiment
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.site import file_cleanup
from tests.searches import make_experiment, make_seat, run_search
from tests.web.sending import send

MODEL_BYTES = 16


@pytest.fixture
def experiment(project, owner, queues):
    """A search of six trials that has ended."""
    experiment = make_experiment(project, max_trials=6)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat())


def at(name, experiment, *more):
    return reverse(name, args=[experiment.code, *more])


def lines_of(response):
    return {line.label: (line.files, line.bytes) for line in response.context["lines"]}


def test_the_page_says_before_and_after_and_the_button_does_it(client, editor, experiment):
    client.force_login(editor)
    page = client.get(at("experiments:files", experiment), {"best": "2"})
    assert lines_of(page)["Models"] == (6, 6 * MODEL_BYTES)
    assert (page.context["total"], page.context["left"]) == (96, 32)
    assert "96 B before, 32 B after" in page.content.decode()
    done = client.post(at("experiments:clean-up", experiment), {"best": "2"}, follow=True)
    assert "Freed 64 B." in done.content.decode()
    assert lines_of(done)["Models"] == (2, 32)
    assert Activity.objects.get(verb="experiment.files_deleted").user == editor
    assert "(64 B)" in client.get(at("experiments:log", experiment)).content.decode()


@pytest.mark.parametrize("best", ["", "-1", "many", "1e9", "999999999"])
def test_what_is_no_count_is_the_usual_three(client, viewer, experiment, best):
    client.force_login(viewer)
    page = client.get(at("experiments:files", experiment), {"best": best})
    assert page.context["chosen"].best == 3
    assert "experiments:clean-up" not in page.content.decode()
    assert at("experiments:clean-up", experiment) not in page.content.decode()


def test_the_protocol_tab_says_what_the_best_three_would_free(client, viewer, experiment):
    client.force_login(viewer)
    page = client.get(at("experiments:protocol", experiment)).content.decode()
    assert "Models take 96 B in 6 files; keeping the best 3 would free 48 B." in page


def test_a_model_that_was_not_kept_is_gone_with_a_reason(client, viewer, experiment):
    file_cleanup.clean_up(experiment, Keep(models="none"), by=None)
    client.force_login(viewer)
    gone = experiment.trials.exclude(pk=experiment.best_trial_id).order_by("number")[0]
    answer = client.get(at("trials:download", experiment, gone.number))
    assert answer.status_code == 410
    assert "Deleted manually" in answer.content.decode()
    page = client.get(at("trials:detail", experiment, gone.number)).content.decode()
    assert "The model was not kept." in page
    assert at("trials:download", experiment, gone.number) not in page
    best = experiment.best_trial.number
    assert client.get(at("trials:download", experiment, best)).status_code == 202
    listed = client.get(reverse("models:list", args=[experiment.project.slug]), {"show": "all"})
    assert [line.trial.number for line in listed.context["lines"]] == [best]


def test_all_files_go_when_the_owner_types_the_name(client, owner, editor, experiment):
    client.force_login(editor)
    asked = {"name": experiment.name}
    assert client.post(at("experiments:delete-files", experiment), asked).status_code == 403
    client.force_login(owner)
    client.post(at("experiments:delete-files", experiment), {"name": "something else"})
    assert Artifact.objects.count() == 6
    done = client.post(at("experiments:delete-files", experiment), asked, follow=True)
    assert "Freed 96 B." in done.content.decode()
    assert not list(storage.trials_folder().rglob("*.keras"))
    assert client.get(at("experiments:detail", experiment)).status_code == 200


def test_the_page_costs_no_more_with_more_trials(
    client, viewer, experiment, django_assert_max_num_queries
):
    client.force_login(viewer)
    with django_assert_max_num_queries(30):
        client.get(at("experiments:files", experiment))


@pytest.mark.usefixtures("by_editor")
def test_the_form_stores_the_rule_and_a_clone_has_it(client, address, version):
    rule = {
        "keep_models": "best",
        "keep_models_best": "5",
        "keep_predictions": "none",
        "keep_logs": "failed",
        "keep_checkpoints": "ended",
        "keep_days": "30",
    }
    assert send(client, address, version, **rule).status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    assert experiment.plan["keep"] == {
        **{"models": "best", "models_best": 5, "predictions": "none", "predictions_best": 3},
        **{"logs": "failed", "checkpoints": "ended", "days": 30},
    }
    page = client.get(at("experiments:protocol", experiment)).content.decode()
    assert "<dt>Best models</dt><dd>5 trials</dd>" in page and "<dd>30 days</dd>" in page
    fields = client.get(at("experiments:clone", experiment)).context["page"].fields
    assert {name: fields[name].value for name in rule} == rule


@pytest.mark.usefixtures("by_editor")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"keep_models": "some"}, "keep_models"),
        ({"keep_models": "best", "keep_models_best": "0"}, "keep_models_best"),
        ({"keep_predictions": "best", "keep_predictions_best": ""}, "keep_predictions_best"),
        ({"keep_days": "soon"}, "keep_days"),
    ],
)
def test_a_rule_that_can_not_be_is_told_at_its_field(client, address, version, fields, field):
    response = send(client, address, version, keep_logs="all", **fields)
    assert response.status_code == 422
    assert [error.field for error in response.context["page"].errors] == [field]
    assert response.context["page"].groups["keep"].is_wrong
