"""The admin panel: every record, read-only, with safe actions for superusers."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from experiments.models import Activity, Dataset, Experiment, Trial
from experiments.services.experiments.lifecycle import start_experiment
from tests.examples import make_experiment as make_example
from tests.searches import make_experiment


@pytest.fixture
def boss(django_user_model, db):
    return django_user_model.objects.create_superuser("boss", password="pw")


@pytest.fixture
def staff(django_user_model, db):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("staff", password="pw", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


RECORDS = sorted(apps.get_app_config("experiments").get_models(), key=lambda m: m._meta.model_name)


def test_every_record_is_registered():
    assert [model for model in RECORDS if not admin.site.is_registered(model)] == []


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.model_name)
def test_every_list_opens_searches_and_allows_no_writing(client, boss, project, owner, model):
    make_example(project, trials=3, failing=True, by=owner)
    client.force_login(boss)
    name = f"admin:experiments_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_changelist"), {"q": "mnist"}).status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code == 403
    row = model._default_manager.first()
    if row is not None:
        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
        assert model._default_manager.filter(pk=row.pk).exists()


def test_lists_round_scores_and_the_records_own_page_does_not(client, boss, project, owner):
    experiment = make_example(project, trials=1, by=owner)
    trial = experiment.trials.get()
    experiment.trials.update(score=0.9612345678901234)
    client.force_login(boss)
    rows = client.get(reverse("admin:experiments_trial_changelist")).content.decode()
    assert ">0.9612<" in rows
    assert "0.96123456" not in rows
    ordered = client.get(reverse("admin:experiments_trial_changelist"), {"o": "4"})
    assert ordered.status_code == 200
    page = client.get(reverse("admin:experiments_trial_change", args=[trial.pk]))
    assert "0.9612345678901234" in page.content.decode()


def ask(client, model, action, *rows, **more):
    return client.post(
        reverse(f"admin:experiments_{model}_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]} | more,
        follow=True,
    )


def act(client, model, action, *rows):
    """Choose the action, and press the button of the page that asks."""
    return ask(client, model, action, *rows, confirmed="1")


def test_an_action_says_what_it_will_do_before_it_does_it(client, boss, project, owner):
    experiment = make_example(project, name="old one", trials=2, by=owner)
    client.force_login(boss)
    page = ask(client, "experiment", "archive", experiment)
    experiment.refresh_from_db()
    assert experiment.archived is None
    assert b"Nothing is deleted" in page.content
    assert b"old one" in page.content
    act(client, "experiment", "archive", experiment)
    experiment.refresh_from_db()
    assert experiment.archived is not None


def test_a_lease_is_released_by_hand(client, boss, project, owner, queues):
    from experiments.services.trials.lifecycle import Proposal, add_trial, claim_next

    experiment = make_experiment(project)
    start_experiment(experiment, by=owner)
    space = experiment.space_versions.get()
    add_trial(experiment.pk, Proposal(0, space.pk, {"units": 32}, "k" * 64))
    claim_next(experiment.pk, worker="w")
    trial = Trial.objects.get()
    assert trial.state == "running"
    client.force_login(boss)
    act(client, "trial", "release", trial)
    trial.refresh_from_db()
    assert (trial.state, trial.token) == ("waiting", None)
    line = Activity.objects.get(verb="trial.released")
    assert (line.text, line.user) == ("Released trial 0 from w", boss)


def test_every_action_is_in_the_log_with_its_person(client, boss, project, owner, queues):
    running = make_example(project, name="a", trials=3, running=1, state="running", by=owner)
    paused = make_example(project, name="b", trials=3, failing=True, state="running", by=owner)
    dataset = Dataset.objects.create(project=project, slug="old", name="Old")
    failed = make_example(project, name="c", trials=8, failing=True, state="running", by=owner)
    trial = failed.trials.filter(state="failed").first()
    client.force_login(boss)
    for model, action, row, verb in (
        ("experiment", "stop", running, "experiment.stopping"),
        ("experiment", "pause", paused, "experiment.pausing"),
        ("trial", "requeue", trial, "trial.requeued"),
        ("dataset", "archive", dataset, "dataset.archived"),
        ("project", "archive", project, "project.archived"),
    ):
        act(client, model, action, row)
        assert Activity.objects.filter(verb=verb, user=boss).count() == 1, action


def test_failed_trials_are_requeued_and_others_refused_with_a_reason(
    client, boss, project, owner, queues
):
    experiment = make_example(project, trials=8, failing=True, state="running", by=owner)
    failed = experiment.trials.filter(state="failed").first()
    completed = experiment.trials.filter(state="completed").first()
    client.force_login(boss)
    response = act(client, "trial", "requeue", failed, completed)
    failed.refresh_from_db()
    completed.refresh_from_db()
    assert failed.state == "waiting"
    assert completed.state == "completed"
    told = " ".join(str(message) for message in response.context["messages"])
    assert "1 done." in told
    assert str(completed) in told


def test_experiments_are_archived_but_not_while_they_run(client, boss, project, owner):
    done = make_example(project, name="done", trials=2, by=owner)
    runs = make_example(project, name="runs", trials=2, state="running", by=owner)
    client.force_login(boss)
    response = act(client, "experiment", "archive", done, runs)
    archived = Experiment.objects.exclude(archived=None)
    assert list(archived) == [done]
    assert b"Stop the experiment before you archive it." in response.content


def test_staff_without_superuser_rights_look_but_do_not_act(client, staff, project, owner):
    experiment = make_example(project, trials=2, by=owner)
    client.force_login(staff)
    assert client.get(reverse("admin:experiments_experiment_changelist")).status_code == 200
    act(client, "experiment", "archive", experiment)
    experiment.refresh_from_db()
    assert experiment.archived is None


def test_nobody_deletes_activity(client, boss, project, owner):
    make_example(project, trials=2, by=owner)
    before = Activity.objects.count()
    client.force_login(boss)
    act(client, "activity", "delete_selected", *Activity.objects.all()[:3])
    assert Activity.objects.count() == before > 0


def test_the_job_queues_are_for_superusers(client, boss, staff, queues):
    address = "/admin/rq/"
    assert client.get(address).status_code == 302
    client.force_login(staff)
    assert client.get(address).status_code == 403
    assert client.get("/admin/rq/stats.json").status_code == 403
    assert client.get("/admin/django_rq/dashboard/").status_code == 404
    client.force_login(boss)
    assert client.get(address).status_code == 200
