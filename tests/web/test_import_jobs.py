"""Imports of large searches: a worker does them, and the page shows how far they are."""

import json
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experiments import jobs
from experiments.models import Experiment
from experiments.queues import SHORT, queue
from experiments.services import import_jobs
from experiments.services.import_jobs import AT_ONCE, SILENT_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = AT_ONCE + 1


def table(count=COUNT):
    lines = ["a,score", *(f"{n % 97},{n}" for n in range(count))]
    return SimpleUploadedFile("big.csv", "\n".join(lines).encode())


@pytest.fixture
def send(client, project, editor, queues, data_dir):
    client.force_login(editor)
    address = reverse("experiments:import", args=[project.slug])

    def post(**fields):
        return client.post(address, {"direction": "maximize", **fields})

    return post


def waiting_file():
    (job,) = queue(SHORT).get_job_ids()
    return queue(SHORT).fetch_job(job).args[0]


def asked(send):
    """The page of an import that a worker was asked for."""
    kept = send(file=table()).context["form"]["kept"].value()
    response = send(kept=kept, name="Mine", **{"import": "1"})
    assert response.status_code == 302 and "?job=" in response.url
    return response.url


def test_a_large_search_is_imported_by_a_worker(client, send, data_dir):
    address = asked(send)
    assert not Experiment.objects.exists()
    assert "for a worker" in client.get(address).content.decode()
    jobs.run_import(waiting_file())
    experiment = Experiment.objects.get()
    assert (experiment.name, experiment.created_by.username) == ("Mine", "editor")
    assert experiment.trials.count() == COUNT
    page = client.get(address).content.decode()
    assert f"Imported {COUNT} trials." in page
    assert reverse("experiments:detail", args=[experiment.code]) in page
    left = list((data_dir / "uploads" / "imports").iterdir())
    assert [path.suffix for path in left] == [".job"]


def test_its_progress_is_seen_before_its_records_are(client, send, monkeypatch):
    address = asked(send)
    seen = []
    told = import_jobs.tell_job

    def tell(job, **columns):
        found = told(job, **columns)
        if columns.get("done"):
            seen.append((client.get(address).content.decode(), found.state))
        return found

    monkeypatch.setattr("experiments.tuner.imports.tell_job", tell)
    jobs.run_import(waiting_file())
    assert f"{COUNT} of {COUNT}" in seen[0][0] and seen[0][1] == "running"
    assert seen[-1][1] == "done"


def test_a_failure_stores_nothing_and_keeps_file_and_words(client, send, monkeypatch):
    address = asked(send)
    file = waiting_file()

    def fail(*args, **options):
        raise RuntimeError("broken")

    monkeypatch.setattr("experiments.services.imports._settle", fail)
    with pytest.raises(RuntimeError):
        jobs.run_import(file)
    assert not Experiment.objects.exists()
    response = client.get(address)
    page = response.content.decode()
    assert "nothing of it was stored" in page and 'value="Mine"' in page
    monkeypatch.undo()
    kept = response.context["token"]
    assert send(kept=kept, name="Mine", **{"import": "1"}).url == address
    jobs.run_import(file)
    assert Experiment.objects.get().trials.count() == COUNT


def test_a_worker_that_went_silent_is_told_and_the_import_can_be_asked_for_again(client, send):
    address = asked(send)
    place = import_jobs.kept_file(f"{waiting_file()}.job")
    old = place.stat().st_mtime - SILENT_SECONDS - 1
    os.utime(place, (old, old))
    response = client.get(address)
    assert "Nothing was heard of it" in response.content.decode()
    send(kept=response.context["token"], **{"import": "1"})
    assert json.loads(place.read_text())["state"] == "waiting"
    assert len(queue(SHORT)) == 2
    assert "for a worker" in client.get(address).content.decode()


def test_only_its_person_sees_it(client, send, owner, project):
    address = asked(send)
    client.force_login(owner)
    response = client.get(address)
    assert response.status_code == 302
    assert response.url == reverse("experiments:import", args=[project.slug])
