"""The import page: a report first, then the experiment; bad files are told at their field."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experiments.interop.keras_tuner.project_files import read_project
from experiments.interop.optuna.storage import read_storage
from experiments.interop.trial_table import read_json_lines
from experiments.models import Experiment
from experiments.services.imports.searches import import_search
from tests.interop.projects import changed, files

pytestmark = pytest.mark.django_db


def zipped(name, given=None):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in (files(name) if given is None else given).items():
            archive.writestr(f"{name}/{path}", content)
    return SimpleUploadedFile(f"{name}.zip", buffer.getvalue())


@pytest.fixture
def send(client, project, editor):
    client.force_login(editor)

    def post(file=None, *, follow=False, **fields):
        body = {**fields, **({"file": file} if file else {})}
        return client.post(reverse("experiments:import", args=[project.slug]), body, follow=follow)

    return post


def kept(response):
    return response.context["form"]["kept"].value()


def test_a_report_comes_first_and_stores_nothing(send, data_dir):
    response = send(zipped("kt148_hyperband_cond"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Hyperband" in page and "mlp/units" in page and "0.8677" in page
    assert not Experiment.objects.exists()
    assert len(list((data_dir / "uploads" / "imports").iterdir())) == 1


def test_the_kept_file_is_imported_without_sending_it_again(send, data_dir):
    token = kept(send(zipped("kt148_random")))
    response = send(kept=token, name="Mine", **{"import": "1"})
    experiment = Experiment.objects.get()
    assert response.url == reverse("experiments:detail", args=[experiment.code])
    assert (experiment.name, experiment.created_by.username) == ("Mine", "editor")
    assert experiment.trials.count() == 5
    assert list((data_dir / "uploads" / "imports").iterdir()) == []


def test_a_second_import_is_recognised_and_doubles_nothing(send):
    send(kept=kept(send(zipped("kt148_random"))), **{"import": "1"})
    response = send(zipped("kt148_random"))
    assert "Already imported as" in response.content.decode()
    send(kept=kept(response), **{"import": "1"})
    assert Experiment.objects.get().trials.count() == 5


def test_the_page_says_what_a_grown_project_brings_before_and_after(send):
    given = files("kt148_random")
    smaller = {path: text for path, text in given.items() if "trial_4" not in path}
    send(kept=kept(send(zipped("kt148_random", smaller))), **{"import": "1"})
    response = send(zipped("kt148_random"))
    assert "the same search: 1 trial added, 4 unchanged." in response.content.decode()
    done = send(kept=kept(response), follow=True, **{"import": "1"})
    assert "Updated: 1 trial added, 4 unchanged." in done.content.decode()
    assert Experiment.objects.get().trials.count() == 5


def test_the_page_says_where_a_project_differs_and_makes_it_an_experiment_of_its_own(send):
    send(kept=kept(send(zipped("kt148_random"))), **{"import": "1"})
    edited = changed("kt148_random", "trial_3/trial.json", lambda s: s.update(score=0.9))
    response = send(zipped("kt148_random", edited))
    page = response.content.decode()
    assert "looks alike, but 1 trial differs" in " ".join(page.split())
    assert "Trial 3: score 0.9 now, 0.375 when it was imported." in page
    done = send(kept=kept(response), follow=True, **{"import": "1"})
    page = done.content.decode()
    assert "Imported 5 trials as a new experiment. “kt148_random” looks alike" in page
    names = set(Experiment.objects.values_list("name", flat=True))
    assert names == {"kt148_random", "kt148_random (2)"}


def test_the_objective_is_asked_for_with_its_choices_and_nothing_is_lost(send):
    def doubled(source):
        metrics = source["metrics"]["metrics"]
        metrics["val_twin"] = metrics["val_accuracy"]

    given = files("kt113_failing") | changed("kt113_failing", "trial_0/trial.json", doubled)
    response = send(zipped("kt113_failing", given), name="Kept <name>")
    page = response.content.decode()
    assert response.status_code == 422
    assert '<option value="val_accuracy">' in page and "Kept &lt;name&gt;" in page
    response = send(kept=kept(response), objective="val_accuracy")
    assert response.status_code == 200
    assert response.context["search"].objective == "val_accuracy"


def test_another_persons_file_is_not_theirs_to_import(send, client, owner, project):
    token = kept(send(zipped("kt148_random")))
    client.force_login(owner)
    response = client.post(reverse("experiments:import", args=[project.slug]), {"kept": token})
    assert response.status_code == 422
    assert "The file has expired" in response.content.decode()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.zip", b"hello"), "Unsupported file"),
        (SimpleUploadedFile("a.zip", b""), "The file is empty"),
        (zipped("x", {"a.txt": b"x"}), "Not a KerasTuner project"),
        (zipped("x", {"../oracle.json": b"{}"}), "outside the"),
        (zipped("x", {"tuner0.json": b"{}"}), "folder of a worker"),
        (zipped("x", {"oracle.json": files("kt148_random")["oracle.json"]}), "has no trial yet"),
        (None, "The upload is incomplete"),
    ],
)
def test_what_can_not_be_imported_is_told_at_the_field(send, data_dir, file, words):
    response = send(file, name="Kept")
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page and "Kept" in page
    assert not list((data_dir / "uploads" / "imports").glob("*"))


def test_what_is_skipped_is_in_the_report(send):
    page = send(zipped("kt148_truncated")).content.decode()
    assert "trial_3" in page and "writing it was interrupted" in page


def all_failed(name):
    def fail(source):
        source.update(score=None, status="FAILED", message="ValueError: out of memory")
        source["metrics"]["metrics"] = {}

    given = files(name)
    for path in [path for path in given if path.endswith("trial.json")]:
        given[path] = changed(name, path, fail)[path]
    return given


def test_a_project_whose_trials_all_failed_is_imported_without_a_best(send):
    response = send(zipped("kt148_random", all_failed("kt148_random")))
    page = response.content.decode()
    assert "no trial has a score" in page and "No trial has a score." in page
    done = send(kept=kept(response), follow=True, **{"import": "1"})
    experiment = Experiment.objects.get()
    assert (experiment.best_trial, experiment.trials.filter(state="failed").count()) == (None, 5)
    assert done.status_code == 200


@pytest.mark.parametrize("name", ["kt148_display", "kt102_nan", "kt148_hyperband_cond", "failed"])
def test_every_page_of_an_imported_search_opens_and_says_what_is_not_there(
    client, project, editor, name
):
    given = all_failed("kt148_random") if name == "failed" else files(name)
    experiment = import_search(project, read_project(given, name), by=editor).experiment
    client.force_login(editor)
    for tab in ("detail", "trials", "analysis", "winner", "protocol", "findings", "log", "files"):
        response = client.get(reverse(f"experiments:{tab}", args=[experiment.code]))
        assert response.status_code == 200, tab
        assert "External data" not in response.content.decode(), tab
    for data in ("live", "history", "importance", "surface", "attempts", "metrics", "elsewhere"):
        response = client.get(reverse(f"chart_data:{data}", args=[experiment.code]))
        assert response.status_code in (200, 204), data
        json.loads(response.content or b"0", parse_constant=pytest.fail)
    for trial in experiment.trials.all():
        page = client.get(reverse("trials:detail", args=[experiment.code, trial.number]))
        words = page.content.decode()
        assert page.status_code == 200
        assert "no learning curves" in words and "not recorded" in words
        assert "<b>bold</b>" not in words
    listing = client.get(reverse("projects:detail", args=[project.slug])).content.decode()
    assert name in listing and "Imported" in listing
    data = client.get(reverse("datasets:list", args=[project.slug]) + "?archived=1")
    assert "External data" not in data.content.decode()


def test_it_offers_nothing_that_runs(client, project, editor):
    search = read_project(files("kt148_failing"), "x")
    experiment = import_search(project, search, by=editor).experiment
    client.force_login(editor)
    page = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "Clone" not in page
    response = client.get(reverse("experiments:clone", args=[experiment.code]), follow=True)
    assert "its data and model are not on this site" in response.content.decode()
    failed = experiment.trials.filter(state="failed").first()
    page = client.get(reverse("trials:detail", args=[experiment.code, failed.number]))
    assert "Requeue" not in page.content.decode()
    assert "Edit and queue" not in page.content.decode()


def test_the_export_page_gives_a_project_and_says_how_to_continue(client, project, viewer):
    search = read_project(files("kt148_hyperband_cond"), "kt148_hyperband_cond")
    experiment = import_search(project, search, by=None).experiment
    client.force_login(viewer)
    page = client.get(reverse("experiments:export", args=[experiment.code])).content.decode()
    assert (
        "keras_tuner.BayesianOptimization(" in page
        and "&#x27;val_loss&#x27;, &#x27;min&#x27;" in page
    )
    address = reverse("experiments:export-download", args=[experiment.code, "keras-tuner"])
    answer = client.get(address)
    assert 'filename="kt148_hyperband_cond.zip"' in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        given = {name: archive.read(name) for name in archive.namelist()}
    assert "kt148_hyperband_cond/tuner0.json" in given
    again = read_project(given, "x")
    assert again.best.score == search.best.score and again.space == search.space


def test_the_history_and_comparisons_take_it_in(client, project, viewer):
    search = read_project(files("kt148_random"), "kt148_random")
    experiment = import_search(project, search, by=None).experiment
    client.force_login(viewer)
    history = client.get(reverse("history:list", args=[project.slug])).content.decode()
    assert "kt148_random" in history
    wanted = f"{experiment.code}:0,{experiment.code}:1"
    compared = client.get(reverse("compare:detail", args=[project.slug]), {"trials": wanted})
    assert compared.status_code == 200


def test_a_report_can_be_made_of_it(client, project, editor):
    search = read_project(files("kt148_random"), "kt148_random")
    experiment = import_search(project, search, by=None).experiment
    client.force_login(editor)
    made = client.post(reverse("reports:make", args=[experiment.code]), follow=True)
    assert made.status_code == 200


def test_a_table_asks_for_the_direction_and_keeps_the_file(send):
    file = SimpleUploadedFile("mine.csv", b"params.x,score\n0.5,1\n0.25,2\n")
    response = send(file)
    assert response.status_code == 422
    assert "Choose minimize or maximize" in response.content.decode()
    token = kept(response)
    send(kept=token, direction="maximize", **{"import": "1"})
    assert Experiment.objects.get().best_trial.score == 2.0


def test_json_lines_go_out_and_come_in_again(send, client, project):
    search = read_project(files("kt148_random"), "kt148_random")
    experiment = import_search(project, search, by=None).experiment
    address = reverse("experiments:export-download", args=[experiment.code, "json-lines"])
    content = client.get(address).content
    response = send(SimpleUploadedFile("again.jsonl", content))
    assert response.context["search"].count == len(search.trials)
    again = read_json_lines(content, "again")
    assert again.space == search.space
    assert [trial.score for trial in again.trials] == [trial.score for trial in search.trials]
    assert [trial.values for trial in again.trials] == [trial.values for trial in search.trials]


def test_an_optuna_storage_goes_out(client, project, viewer):
    search = read_project(files("kt148_random"), "kt148_random")
    experiment = import_search(project, search, by=None).experiment
    client.force_login(viewer)
    address = reverse("experiments:export-download", args=[experiment.code, "optuna"])
    again = read_storage(client.get(address).content)
    assert again.best.score == search.best.score
    assert again.best.values == search.best.values
