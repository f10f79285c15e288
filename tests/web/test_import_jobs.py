"""Imports of large searches: a worker does them, and the page shows how far they are."""

import fcntl
import html
import json
import os
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experiments import jobs
from experiments.models import Experiment
from experiments.queues import SHORT, queue
from experiments.services.experiments.winner import RECOMMEND
from experiments.services.imports import import_jobs
from experiments.services.imports.import_jobs import AT_ONCE, SILENT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
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


def kept(response):
    return response.context["form"]["kept"].value()


def waiting_file():
    """The only file that the queue names, however often."""
    (file,) = {queue(SHORT).fetch_job(job).args[0] for job in queue(SHORT).get_job_ids()}
    return file


def asked(send):
    """The page of an import that a worker was requested."""
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


def test_the_models_of_a_small_search_are_asked_by_a_worker(client, send, project):
    kept = send(file=table(AT_ONCE)).context["form"]["kept"].value()
    response = send(kept=kept, **{"import": "1"})
    experiment = Experiment.objects.get()
    assert response.url == reverse("experiments:detail", args=[experiment.code])
    assert experiment.best_trial.score == AT_ONCE - 1 and not experiment.winner
    (job,) = map(queue(SHORT).fetch_job, queue(SHORT).get_job_ids())
    assert (job.func_name, job.args) == (RECOMMEND, (experiment.pk,))
    for tab in ("detail", "winner", "analysis"):
        assert client.get(reverse(f"experiments:{tab}", args=[experiment.code])).status_code == 200
    winner = reverse("experiments:winner", args=[experiment.code])
    assert "A worker is computing the recommendation" in client.get(winner).content.decode()
    jobs.name_winner(experiment.pk)
    experiment.refresh_from_db()
    assert experiment.winner["scored"] == AT_ONCE
    assert "No winner yet" not in client.get(winner).content.decode()


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

    monkeypatch.setattr("experiments.services.imports.searches._settle", fail)
    with pytest.raises(RuntimeError):
        jobs.run_import(file)
    assert not Experiment.objects.exists()
    response = client.get(address)
    page = response.content.decode()
    assert "nothing was stored" in page and 'value="Mine"' in page
    monkeypatch.undo()
    kept = response.context["token"]
    assert send(kept=kept, name="Mine", **{"import": "1"}).url == address
    jobs.run_import(file)
    assert Experiment.objects.get().trials.count() == COUNT


def grow_old(file):
    """As if the file of the job had been written long ago."""
    place = import_jobs.kept_file(f"{file}.job")
    old = place.stat().st_mtime - SILENT_SECONDS - 1
    os.utime(place, (old, old))
    return place


def tell(file, **columns):
    return import_jobs.tell_job(import_jobs.read_job(file), **columns)


def test_a_worker_that_went_silent_is_told_and_the_import_can_be_asked_for_again(client, send):
    address = asked(send)
    tell(waiting_file(), state="running")
    place = grow_old(waiting_file())
    response = client.get(address)
    assert "No progress for 2 minutes" in response.content.decode()
    send(kept=response.context["token"], **{"import": "1"})
    assert json.loads(place.read_text())["state"] == "waiting"
    assert len(queue(SHORT)) == 2
    assert "for a worker" in client.get(address).content.decode()


def test_one_that_waits_behind_others_is_not_silent(client, send):
    address = asked(send)
    grow_old(waiting_file())
    response = client.get(address)
    page = response.content.decode()
    assert "No progress for 2 minutes" not in page
    assert "for more than 2 minutes" in page and "Queue again" in page
    send(kept=response.context["token"], **{"import": "1"})
    for _ in range(2):  # it is in the queue twice now
        jobs.run_import(waiting_file())
    assert Experiment.objects.get().trials.count() == COUNT
    assert f"Imported {COUNT} trials." in client.get(address).content.decode()


def test_a_second_run_ends_at_once_and_leaves_the_first_alone(client, send, monkeypatch):
    address = asked(send)
    file = waiting_file()
    told = import_jobs.tell_job
    seen = []

    def tell_and_run_again(job, **columns):
        found = told(job, **columns)
        if columns.get("done") and not seen:
            grow_old(file)
            send(kept=client.get(address).context["token"], **{"import": "1"})
            seen.append(jobs.run_import(file))
            seen.append(import_jobs.read_job(file))
            seen.append(import_jobs.kept_file(file).exists())
        return found

    monkeypatch.setattr("experiments.tuner.imports.tell_job", tell_and_run_again)
    jobs.run_import(file)
    assert (seen[1].state, seen[1].done) == ("running", COUNT) and seen[2]
    assert len(queue(SHORT)) == 1
    assert Experiment.objects.get().trials.count() == COUNT
    assert f"Imported {COUNT} trials." in client.get(address).content.decode()


def test_one_that_a_dead_worker_left_is_requested_again_but_not_one_that_runs(client, send):
    address = asked(send)
    file = waiting_file()
    queue(SHORT).empty()
    tell(file, state="running")
    with import_jobs.kept_file(file).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert import_jobs.resume_imports() == 0
    assert import_jobs.resume_imports() == 1
    assert import_jobs.resume_imports() == 0  # it waits
    jobs.run_import(waiting_file())
    assert f"Imported {COUNT} trials." in client.get(address).content.decode()
    assert import_jobs.resume_imports() == 0


def test_one_whose_place_in_the_queue_was_lost_is_requested_again(client, send):
    asked(send)
    file = waiting_file()
    grow_old(file)
    assert import_jobs.resume_imports() == 0  # others may be before it
    queue(SHORT).empty()
    assert import_jobs.resume_imports() == 1
    assert waiting_file() == file


def test_a_worker_that_died_after_it_stored_the_search_leaves_it_without_a_second(client, send):
    address = asked(send)
    file = waiting_file()
    content = import_jobs.kept_file(file).read_bytes()
    jobs.run_import(file)
    first = Experiment.objects.get()
    Experiment.objects.update(winner={})
    import_jobs.kept_file(file).write_bytes(content)
    tell(file, state="running", experiment="")
    queue(SHORT).empty()
    import_jobs.resume_imports()
    jobs.run_import(waiting_file())
    first.refresh_from_db()
    assert Experiment.objects.get().trials.count() == COUNT and first.winner
    page = client.get(address).content.decode()
    assert "nothing changed" in page
    assert reverse("experiments:detail", args=[first.code]) in page


def test_a_run_that_comes_after_the_end_changes_nothing(client, send):
    address = asked(send)
    file = waiting_file()
    jobs.run_import(file)
    jobs.run_import(file)
    assert f"Imported {COUNT} trials." in client.get(address).content.decode()


def test_what_failed_runs_again_only_when_somebody_asks(client, send):
    asked(send)
    file = waiting_file()
    tell(file, state="failed", words="Broken.")
    jobs.run_import(file)
    assert import_jobs.read_job(file).words == "Broken."
    assert not Experiment.objects.exists()


def heavy_file(text="", name="heavy.csv"):
    """A file that is read by a worker: long comments make it so."""
    text = text or "a,score,message\n" + "\n".join(f"{n},{n},{'x' * 60_000}" for n in range(20))
    return SimpleUploadedFile(name, text.encode())


def test_a_heavy_file_is_looked_at_by_a_worker_and_then_imported(client, send, data_dir):
    response = send(file=heavy_file(), name="Mine")
    assert response.status_code == 302
    address = response.url
    assert "for a worker" in client.get(address).content.decode()
    jobs.run_import(waiting_file())
    seen = client.get(address)
    page = seen.content.decode()
    assert "Contents" in page and 'value="Mine"' in page and 'id="import-progress"' in page
    assert seen.context["search"].count == 20 and len(page) < 50_000
    assert not Experiment.objects.exists()
    queue(SHORT).empty()
    again = send(kept=kept(seen), name="Mine", **{"import": "1"})
    assert again.url == address and not Experiment.objects.exists()
    jobs.run_import(waiting_file())
    assert Experiment.objects.get().trials.count() == 20
    assert "Imported 20 trials." in client.get(address).content.decode()
    queue(SHORT).empty()
    more = send(file=heavy_file())
    jobs.run_import(waiting_file())
    assert "Already imported as" in client.get(more.url).content.decode()


def test_a_file_is_compared_with_many_trials_by_a_worker(client, send, monkeypatch):
    monkeypatch.setattr("experiments.services.imports.recognition.COMPARED_AT_ONCE", 19)
    small = table(20)
    send(kept=kept(send(file=small)), **{"import": "1"})
    queue(SHORT).empty()
    more = send(file=table(21))
    assert more.status_code == 302
    jobs.run_import(waiting_file())
    page = client.get(more.url).content.decode()
    assert "the same search: 1 trial added, 20 unchanged." in page


def test_the_end_of_an_import_that_differs_names_both_experiments(client, send):
    asked(send)
    jobs.run_import(waiting_file())
    queue(SHORT).empty()
    first = Experiment.objects.get()
    text = table().read().decode().replace("\n5,5\n", "\n5,5000\n")
    changed = SimpleUploadedFile("big.csv", text.encode())
    response = send(kept=kept(send(file=changed)), **{"import": "1"})
    jobs.run_import(waiting_file())
    page = client.get(response.url).content.decode()
    assert "Trial 5: score 5000 now, 5 when it was imported." in page
    other = Experiment.objects.exclude(pk=first.pk).get()
    for each in (first, other):
        assert reverse("experiments:detail", args=[each.code]) in page
    assert first.trials.get(number=5).score == 5


def test_an_import_that_is_asked_for_before_the_look_has_left_is_not_lost(client, send):
    address = send(file=heavy_file()).url
    file = waiting_file()
    jobs.run_import(file)
    token = kept(client.get(address))
    with import_jobs.kept_file(file).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        leaving = threading.Timer(0.2, fcntl.flock, (held, fcntl.LOCK_UN))
        leaving.start()
        send(kept=token, **{"import": "1"})
        leaving.join()
    assert import_jobs.read_job(file).step == "import"
    jobs.run_import(file)
    assert Experiment.objects.get().trials.count() == 20


def test_what_a_worker_refuses_is_told_at_its_field(client, send, data_dir):
    response = send(file=heavy_file(), direction="", name="Mine")
    jobs.run_import(waiting_file())
    asked = client.get(response.url)
    page = asked.content.decode()
    assert "Choose minimize or maximize" in page and 'value="Mine"' in page
    again = send(kept=kept(asked), name="Mine")
    jobs.run_import(waiting_file())
    assert client.get(again.url).context["search"].best.score == 19.0


def test_a_heavy_file_that_is_none_is_asked_for_anew(client, send, data_dir):
    response = send(file=heavy_file("x" * 2_000_000, "odd.jsonl"), name="Mine")
    jobs.run_import(waiting_file())
    page = html.unescape(client.get(response.url).content.decode())
    assert "Line 1 isn't JSON." in page and 'value="Mine"' in page and "Preview" in page
    left = list((data_dir / "uploads" / "imports").iterdir())
    assert [path.suffix for path in left] == [".job"]


def test_a_look_that_stumbles_can_be_tried_again(client, send, monkeypatch):
    address = send(file=heavy_file()).url
    monkeypatch.setattr("experiments.tuner.imports.read_any", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        jobs.run_import(waiting_file())
    monkeypatch.undo()
    failed = client.get(address)
    assert "could not be read" in failed.content.decode()
    assert send(kept=failed.context["token"]).url == address
    jobs.run_import(waiting_file())
    assert client.get(address).context["search"].count == 20


def test_only_its_person_sees_it(client, send, owner, project):
    address = asked(send)
    client.force_login(owner)
    response = client.get(address)
    assert response.status_code == 302
    assert response.url == reverse("experiments:import", args=[project.slug])
