"""How scripts connect: tokens that are shown once, the lines to paste, and the pages of their searches."""

import json
import re
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import AccessToken, Experiment, Trial
from experiments.services.external.joined_runs import join
from experiments.services.external.tokens import authenticate, create_token
from experiments.tuner.external_answers import Failed
from experiments.tuner.external_trials import ask, report, tell
from experiments.tuner.housekeeping import look_after
from tests.outside import asked, epochs, make_outside, run_all

TABS = (
    *("detail", "trials", "analysis", "winner", "protocol", "findings", "log", "files"),
    *("export", "connect", "edit", "queue"),
)
DATA = ("live", "history", "importance", "surface", "attempts", "metrics", "elsewhere", "findings")


def every_page(client, experiment):
    """Open every page of a search; those that can be requested answer."""
    for tab in TABS:
        response = client.get(reverse(f"experiments:{tab}", args=[experiment.code]))
        assert response.status_code in (200, 302), tab
        assert "External data" not in response.content.decode(), tab
        assert "External model" not in response.content.decode(), tab
    for data in DATA:
        response = client.get(reverse(f"chart_data:{data}", args=[experiment.code]))
        assert response.status_code in (200, 204), data
        json.loads(response.content or b"0", parse_constant=pytest.fail)
    for trial in experiment.trials.all():
        page = client.get(reverse("trials:detail", args=[experiment.code, trial.number]))
        assert page.status_code == 200, trial.state
        assert "External data" not in page.content.decode()


def test_every_page_opens_before_the_space_is_known(client, project, editor):
    experiment = make_outside(project, by=editor, space=None, objective="")
    client.force_login(editor)
    every_page(client, experiment)
    key = asked(experiment).key
    every_page(client, experiment)
    report(key, epochs(0.5, metric="loss"))
    every_page(client, experiment)
    tell(key)
    every_page(client, experiment)


def test_every_page_opens_of_trials_in_every_state(client, project, editor, owner):
    experiment = make_outside(project, by=editor, max_trials=20, max_failures=9)
    run = join(experiment, {"lr": 0.1, "epochs": "many"}, worker="x", instance="1", by=owner)
    report(run.token.hex, epochs(0.2, 0.3))
    tell(asked(experiment, "b").key, failed=Failed("ValueError: no", "Traceback"))
    key = asked(experiment, "b").key
    report(key, epochs(0.2))
    tell(key, stopped="enough")
    ask(experiment, worker="c")
    client.force_login(editor)
    every_page(client, experiment)
    run_all(experiment)
    look_after()
    every_page(client, experiment)
    listing = client.get(reverse("projects:detail", args=[project.slug])).content.decode()
    assert "Outside" in listing and "judged where it ran" in listing
    clone = client.get(reverse("experiments:clone", args=[experiment.code]), follow=True)
    assert "its data and model are not on this site" in clone.content.decode()
    made = client.post(reverse("reports:make", args=[experiment.code]), follow=True)
    assert made.status_code == 200


def test_a_token_is_shown_once_and_in_the_lines(client, project, editor):
    client.force_login(editor)
    address = reverse("projects:tokens", args=[project.slug])
    answer = client.post(address, {"name": "laptop", "lasts": "7"})
    page = answer.content.decode()
    text = re.search(r"ts_[A-Za-z0-9_-]{20,}", page)[0]
    assert authenticate(text).person == editor
    assert page.count(text) == 3 and "no-store" in answer["Cache-Control"]
    again = client.get(address).content.decode()
    assert text not in again and text[:8] in again and "used" in again
    assert AccessToken.objects.get().expires is not None


def test_a_token_of_an_experiments_page_opens_that_experiment_alone(client, project, editor):
    experiment = make_outside(project, by=editor)
    client.force_login(editor)
    page = client.post(
        reverse("experiments:connect", args=[experiment.code]), {"name": "x", "lasts": ""}
    ).content.decode()
    text = re.search(r"ts_[A-Za-z0-9_-]{20,}", page)[0]
    assert authenticate(text).experiment == experiment.pk
    assert f'experiment="{experiment.name}"' in page.replace("&quot;", '"')


def test_what_was_typed_stays_with_its_error(client, project, editor):
    client.force_login(editor)
    address = reverse("projects:tokens", args=[project.slug])
    for name in ("", "a\x00b", "x" * 81):
        answer = client.post(address, {"name": name, "lasts": "7"})
        assert answer.status_code == 422
    assert not AccessToken.objects.exists()


def test_an_editor_revokes_own_tokens_and_an_owner_any(client, project, owner, editor):
    theirs = create_token(project, "theirs", by=owner).record
    mine = create_token(project, "mine", by=editor).record
    client.force_login(editor)
    revoke = "projects:token-revoke"
    assert client.post(reverse(revoke, args=[project.slug, theirs.pk])).status_code == 403
    page = client.get(reverse("projects:tokens", args=[project.slug])).content.decode()
    assert "Revoke mine" in page and "Revoke theirs" not in page
    client.post(reverse(revoke, args=[project.slug, mine.pk]))
    assert AccessToken.objects.get(pk=mine.pk).revoked
    client.force_login(owner)
    client.post(reverse(revoke, args=[project.slug, theirs.pk]))
    assert AccessToken.objects.get(pk=theirs.pk).revoked_by == owner
    assert (
        "revoked" in client.get(reverse("projects:tokens", args=[project.slug])).content.decode()
    )


def test_the_list_of_tokens_asks_as_many_questions_at_13_as_at_3(client, project, editor):
    client.force_login(editor)
    address = reverse("projects:tokens", args=[project.slug])

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            assert client.get(address).status_code == 200
        return len(asked_for)

    for count in range(3):
        create_token(project, str(count), by=editor)
    few = questions()
    for count in range(10):
        create_token(project, str(count), by=editor)
    assert questions() == few


def test_a_search_for_scripts_is_made_by_its_form(client, project, editor):
    client.force_login(editor)
    address = reverse("experiments:new-elsewhere", args=[project.slug])
    page = client.get(address).content.decode()
    assert "Run elsewhere" in page
    typed = {
        "name": "From my loop",
        "objective": "val_accuracy",
        "space": '{"hyperparameters": [{"name": "lr", "type": "float", "min": 0, "max": 1}]}',
        "max_trials": "30",
        "parallel": "4",
        "silence": "90",
        "sampler": "random",
    }
    answer = client.post(address, typed)
    experiment = Experiment.objects.get()
    assert answer.url == reverse("experiments:connect", args=[experiment.code])
    assert (experiment.max_trials, experiment.parallel) == (30, 4)
    assert (experiment.silence_seconds, experiment.direction) == (5400, "maximize")
    assert experiment.state == "queued"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "Can&#x27;t be empty"),
        ("max_trials", "ten", "Expected a whole number"),
        ("max_trials", "0", "between 1 and 100,000"),
        ("parallel", "1e9", "between 1 and 64"),
        ("silence", "0", "between 0.5 and 43,200 min"),
        ("space", "{", "This is not JSON"),
        ("space", '{"hyperparameters": [{"name": "a"}]}', "hyperparameters.0"),
        ("sampler", "magic", "Select a valid choice"),
        ("objective", "x" * 61, "at most 60"),
    ],
)
def test_a_wrong_field_is_told_at_its_place_and_nothing_is_lost(
    client, project, editor, field, value, words
):
    client.force_login(editor)
    typed = {"name": "Kept name", "objective": "loss", "max_trials": "7", field: value}
    answer = client.post(reverse("experiments:new-elsewhere", args=[project.slug]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert field == "name" or "Kept name" in page
    assert not Experiment.objects.exists()


def test_a_trial_is_released_from_a_script_that_is_gone(client, project, editor):
    experiment = make_outside(project, by=editor)
    asked(experiment)
    client.force_login(editor)
    page = client.get(reverse("trials:detail", args=[experiment.code, 0])).content.decode()
    assert "Release" in page
    client.post(reverse("trials:release", args=[experiment.code, 0]))
    assert experiment.trials.get().state == Trial.State.WAITING
    page = client.get(reverse("trials:detail", args=[experiment.code, 0])).content.decode()
    assert "for the next script that asks." in page


def test_the_client_comes_as_a_file_that_compiles(client):
    answer = client.get(reverse("client"))
    assert "attachment" in answer["Content-Disposition"]
    compile(answer.content, "tuning_client.py", "exec")
    assert "tuning_client" not in sys.modules


@pytest.mark.parametrize(("objective", "second"), [("val_loss", "loss"), ("val_auc", "val_loss")])
def test_two_charts_of_curves_show_two_metrics(client, project, editor, objective, second):
    experiment = make_outside(project, by=editor, objective=objective)
    client.force_login(editor)
    key = asked(experiment).key
    report(key, epochs(0.5, metric=objective))
    trial = reverse("trials:detail", args=[experiment.code, 0])
    for page in (reverse("experiments:detail", args=[experiment.code]), trial):
        metrics = re.findall(
            r'<learning-curves[^>]* metric="(\w+)"', client.get(page).content.decode()
        )
        assert metrics == [objective, second]
