from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.models import Project, Worker
from tests.examples import make_experiment


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def address():
    return reverse("workers:list")


def make_worker(name, kind="trials", *, seconds=0, trial=None):
    return Worker.objects.create(
        name=name,
        kind=kind,
        host="lab",
        pid=1,
        heartbeat=timezone.now() - timedelta(seconds=seconds),
        trial=trial,
        experiment=trial.experiment if trial else None,
    )


def test_nobody_works_and_the_page_says_how_to_start_somebody(client, address, queues):
    response = client.get(address)
    assert b"No worker has reported" in response.content
    assert any("No trial worker is running" in hint.text for hint in response.context["hints"])


def test_a_worker_shows_its_trial_epoch_and_lease(client, address, project, owner, queues):
    experiment = make_experiment(project, trials=3, running=1, state="running", by=owner)
    trial = experiment.trials.get(state="running")
    trial.lease_until = timezone.now() + timedelta(seconds=900)
    trial.save()
    make_worker("worker-a", trial=trial)
    make_worker("worker-b")
    response = client.get(address)
    first = response.context["lines"][0]
    assert (first.trial_number, first.experiment) == (trial.number, experiment)
    assert 800 < first.lease_seconds <= 900
    assert first.epoch > 0
    slots = response.context["slots"]
    assert (slots.total, slots.busy, slots.free) == (2, 1, 1)


def test_a_silent_worker_frees_no_slot_and_is_hinted_at(client, address, project, owner, queues):
    experiment = make_experiment(project, trials=3, running=1, state="running", by=owner)
    trial = experiment.trials.get(state="running")
    trial.lease_until = timezone.now() - timedelta(seconds=5)
    trial.save()
    make_worker("worker-a", seconds=90, trial=trial)
    response = client.get(address)
    assert response.context["slots"].total == 0
    assert any("worker-a is unresponsive" in hint.text for hint in response.context["hints"])
    assert b"over" in response.content


def test_a_trial_of_another_project_stays_unnamed(client, address, owner, queues):
    other = Project.objects.create(slug="b", name="Secret project")
    experiment = make_experiment(
        other, name="secret search", trials=3, running=1, state="running", by=owner
    )
    make_worker("worker-a", trial=experiment.trials.get(state="running"))
    text = client.get(address).content.decode()
    assert "secret" not in text.lower()


def test_a_redis_that_is_away_is_told_with_its_mend(client, address, project):
    """Without the `queues` fixture nothing listens at REDIS_URL."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.context["redis_answers"] is False
    assert any("Redis is unreachable" in hint.text for hint in response.context["hints"])


def test_who_waits_for_slots_is_listed(client, address, project, owner, queues):
    make_experiment(
        project, name="waits", trials=4, running=1, state="running", max_trials=9, by=owner
    )
    (line,) = client.get(address).context["queue"]
    assert (line.experiment.name, line.running, line.left) == ("waits", 1, 6)


def test_a_worker_that_can_not_train_is_told_with_its_reason(client, address, project, queues):
    worker = make_worker("worker-a")
    worker.detail = "can't train (tried again every 2 s): ImportError: libcuda.so is missing"
    worker.save()
    make_worker("worker-b")
    (hint,) = [h for h in client.get(address).context["hints"] if h.text.startswith("worker-")]
    assert hint.level == "danger"
    assert hint.text == f"worker-a {worker.detail}"


def test_a_worker_that_warms_up_says_so_instead_of_idle(client, address, project, queues):
    worker = make_worker("worker-a")
    worker.detail = "warming up"
    worker.save()
    text = client.get(address).content.decode()
    assert "warming up" in text
    assert "idle" not in text


def test_a_chief_that_is_silent_is_hinted_at_and_one_that_answers_is_not(
    client, address, project, queues
):
    make_worker("chief-old", "chief", seconds=90)
    texts = [hint.text for hint in client.get(address).context["hints"]]
    assert any("The chief is unresponsive" in text for text in texts)
    make_worker("chief-new", "chief")
    texts = [hint.text for hint in client.get(address).context["hints"]]
    assert not any("chief" in text for text in texts)


def test_the_page_names_the_version(client, address, queues, settings):
    assert f"Tuning Site {settings.VERSION}" in client.get(address).content.decode()
