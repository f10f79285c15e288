import base64
import hashlib

import pytest
from django.urls import reverse

from experiments import storage
from experiments.models import Artifact, Worker
from experiments.reports.winner.downloads import download_of
from experiments.services.bundles import bundles
from experiments.services.experiments.lifecycle import start_experiment
from experiments.tuner.turn import take_turn
from tests.searches import make_experiment, make_seat

CONTENT = bytes(range(256)) * 40
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def trial(project):
    """A completed trial that has a model and no bundle yet."""
    return completed(project)


@pytest.fixture
def bundled(trial):
    return with_bundle(trial)


def completed(project, **options):
    experiment = make_experiment(project, **{"max_trials": 1, **options})
    start_experiment(experiment, by=None)
    for _ in range(experiment.max_trials):
        take_turn(experiment.pk, make_seat())
    return experiment.trials.order_by("number").first()


def with_bundle(trial):
    """The trial with a zip already made: its bytes are what ranges are checked against."""
    path = bundles._zip_path(bundles._subject(trial))
    storage.write_whole(path, CONTENT)
    Artifact.objects.create(
        trial=trial,
        kind=Artifact.Kind.BUNDLE,
        path=storage.relative(path),
        bytes=len(CONTENT),
        sha256=SHA,
    )
    return trial


def address(trial, name: str = "trials:download") -> str:
    return reverse(name, args=[trial.experiment.code, trial.number])


def get(client, trial, **headers):
    return client.get(address(trial), headers=headers)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_whole_file_comes_as_an_attachment_with_its_checksum(client, viewer, bundled):
    client.force_login(viewer)
    answer = get(client, bundled)
    assert answer.status_code == 200
    assert body(answer) == CONTENT
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="digits-trial-0.zip"'
    assert answer["ETag"] == f'"{SHA}"'
    assert answer["X-Checksum-Sha256"] == SHA
    assert answer["X-Training-Run"] == download_of(bundled).own.words
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert answer["Repr-Digest"] == f"sha-256=:{digest}:"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=10000-", 10_000, 10_239),
        ("bytes=-40", 10_200, 10_239),
        ("bytes=10000-999999999999999999999", 10_000, 10_239),
        ("bytes=-99999999", 0, 10_239),
    ],
)
def test_a_range_comes_alone(client, viewer, bundled, asked, first, last):
    client.force_login(viewer)
    answer = get(client, bundled, range=asked)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/10240"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == CONTENT[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_after_the_end_is_refused(client, viewer, bundled, asked):
    client.force_login(viewer)
    answer = get(client, bundled, range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */10240"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "rows=1-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-3"]
)
def test_what_is_no_single_range_gives_the_whole_file(client, viewer, bundled, asked):
    client.force_login(viewer)
    answer = get(client, bundled, range=asked)
    assert answer.status_code == 200
    assert body(answer) == CONTENT


def test_a_resumed_download_of_another_file_starts_anew(client, viewer, bundled):
    client.force_login(viewer)
    same = get(client, bundled, range="bytes=5-", **{"if-range": f'"{SHA}"'})
    other = get(client, bundled, range="bytes=5-", **{"if-range": '"of an older file"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_a_known_file_is_not_sent_again(client, viewer, bundled):
    client.force_login(viewer)
    answer = get(client, bundled, **{"if-none-match": f'W/"x", "{SHA}"'})
    assert answer.status_code == 304
    assert not answer.content


def test_head_tells_the_length_and_sends_nothing(client, viewer, bundled):
    client.force_login(viewer)
    answer = client.head(address(bundled))
    assert answer.status_code == 200
    assert answer["Content-Length"] == "10240"
    assert answer["Accept-Ranges"] == "bytes"


def test_the_first_question_makes_the_zip_and_waits(
    client, viewer, trial, queues, django_capture_on_commit_callbacks
):
    client.force_login(viewer)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.get(address(trial))
    assert answer.status_code == 202
    assert answer["Retry-After"] == "2"
    assert "Preparing the download" in answer.text
    assert address(trial, "trials:bundle-state") in answer.text
    state = client.get(address(trial, "trials:bundle-state")).json()
    assert state["state"] == "preparing"
    assert "No worker for background jobs" in state["message"]
    Worker.objects.create(name="short-1", kind="short", host="here", pid=1)
    assert client.get(address(trial, "trials:bundle-state")).json()["message"] == ""
    with_bundle(trial)
    assert client.get(address(trial, "trials:bundle-state")).json()["state"] == "ready"
    assert client.get(address(trial)).status_code == 200


def test_a_failure_is_told_and_can_be_retried(
    client, viewer, trial, queues, django_capture_on_commit_callbacks
):
    client.force_login(viewer)
    note = bundles._failed_note(bundles._zip_path(bundles._subject(trial)))
    storage.write_whole(note, b"The disk is full. <b>")
    answer = client.get(address(trial))
    assert answer.status_code == 503
    assert "The disk is full. &lt;b&gt;" in answer.text
    with django_capture_on_commit_callbacks(execute=True):
        retried = client.post(address(trial, "trials:retry-bundle"))
    assert retried.status_code == 302
    assert client.get(address(trial)).status_code == 202


FORMATS = {
    "model.keras": {"bytes": 1000, "difference": 0.0},
    "saved_model": {"bytes": 2000, "difference": 0.0},
    "model.tflite": {"bytes": 3000, "difference": 4e-8},
    "model.onnx": {"why_not": "tf2onnx can't convert this model: ValueError: <Eigh>."},
}


def test_formats_and_self_test_are_shown_where_the_model_is(client, viewer, bundled):
    said = {
        "passed": True,
        "lines": ["model.keras: <fine>"],
        "tested": "2026-11-01T10:00:00+00:00",
    }
    bundled.artifacts.filter(kind="bundle").update(formats=FORMATS, self_test=said)
    client.force_login(viewer)
    page = client.get(address(bundled, "trials:detail")).text
    assert (
        "Not in the zip. tf2onnx can&#x27;t convert this model: ValueError: &lt;Eigh&gt;." in page
    )
    assert "4e-08" in page and "The self-test passed" in page and "&lt;fine&gt;" in page
    models = reverse("models:list", args=[bundled.experiment.project.slug])
    assert "no ONNX" in client.get(models).text


def test_a_zip_that_fails_its_test_is_not_served_and_is_made_anew(
    client, viewer, bundled, queues, django_capture_on_commit_callbacks
):
    client.force_login(viewer)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address(bundled, "trials:check-bundle")).status_code == 302
    assert queues_hold(bundles.CHECK_JOB)
    bundled.artifacts.filter(kind="bundle").update(self_test={"passed": False, "lines": ["x"]})
    assert "The self-test failed" in client.get(address(bundled, "trials:detail")).text
    answer = client.get(address(bundled))
    assert answer.status_code == 503 and "failed its last self-test" in answer.text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(bundled, "trials:retry-bundle"))
    assert client.get(address(bundled)).status_code == 202


def queues_hold(job: str) -> bool:
    from experiments.queues import SHORT, queue

    return job in [each.func_name for each in queue(SHORT).jobs]


def test_nothing_to_test_is_said(client, viewer, trial, queues):
    client.force_login(viewer)
    answer = client.post(address(trial, "trials:check-bundle"), follow=True)
    assert "There is no zip to test" in answer.text
    trial.artifacts.all().delete()
    assert client.post(address(trial, "trials:check-bundle")).status_code == 404


def test_a_trial_without_a_model_is_not_found(client, viewer, trial):
    trial.artifacts.all().delete()
    client.force_login(viewer)
    assert client.get(address(trial)).status_code == 404


@pytest.mark.parametrize("name", ["trials:download", "trials:bundle-state"])
def test_strangers_learn_nothing(client, stranger, bundled, name):
    assert client.get(address(bundled, name)).status_code == 302
    client.force_login(stranger)
    assert client.get(address(bundled, name)).status_code == 404
    assert client.post(address(bundled, "trials:retry-bundle")).status_code == 404
    assert client.post(address(bundled, "trials:check-bundle")).status_code == 404


def test_the_list_shows_the_best_of_each_experiment(client, viewer, project):
    trial = completed(project, max_trials=3)
    experiment = trial.experiment
    with_bundle(trial)
    client.force_login(viewer)
    page = client.get(reverse("models:list", args=[project.slug]))
    lines = page.context["lines"]
    experiment.refresh_from_db()
    assert [line.trial for line in lines] == [experiment.best_trial]
    every = client.get(reverse("models:list", args=[project.slug]), {"show": "all"})
    assert [line.trial.number for line in every.context["lines"]] == [0, 1, 2]
    bundled = every.context["lines"][0]
    assert (bundled.bundle is not None, bundled.sha256, bundled.bytes) == (True, SHA, len(CONTENT))
    assert address(trial) in every.text and SHA[:8] in every.text
    assert "Image MLP" in every.text


def test_the_list_filters_by_experiment_and_survives_nonsense(client, viewer, project, trial):
    other = completed(project)
    client.force_login(viewer)
    list_address = reverse("models:list", args=[project.slug])
    page = client.get(list_address, {"experiment": other.experiment.code})
    assert [line.trial for line in page.context["lines"]] == [other]
    nonsense = client.get(list_address, {"experiment": "x", "show": "?", "page": "-4"})
    assert len(nonsense.context["lines"]) == 2


def test_an_empty_list_says_what_will_stand_there(client, viewer, stranger, project):
    list_address = reverse("models:list", args=[project.slug])
    client.force_login(viewer)
    assert "No models yet" in client.get(list_address).text
    client.force_login(stranger)
    assert client.get(list_address).status_code == 404


def test_the_list_asks_as_much_for_many_as_for_few(client, viewer, project):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(viewer)
    counts = []
    for wanted in (3, 10):
        completed(project, max_trials=wanted)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("models:list", args=[project.slug]), {"show": "all"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
