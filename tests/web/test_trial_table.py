"""The trial table: metrics on demand, files, what is done to many trials, views, and odd names and links."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.services.experiments.saved_views import save_view
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases

ODD = '<b>"x"</b>,=1+1 שלום 😀 ' + "long" * 50


@pytest.fixture
def experiment(project):
    return make_experiment(project, trials=30, failing=True, state="running", max_trials=60)


def address(experiment, name="trials", *more):
    return reverse(f"experiments:{name}", args=[experiment.code, *more])


def download(client, experiment, kind, **query):
    answer = client.get(address(experiment, "download", kind), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_metrics_come_as_columns_where_they_are_asked_for(client, viewer, experiment):
    client.force_login(viewer)
    asked = reverse("chart_data:metrics", args=[experiment.code])
    body = client.get(asked, {"columns": "val_loss.best,val_accuracy.mean,gone.last"}).json()
    assert body["numbers"] == list(range(30))
    assert set(body["columns"]) == {"val_loss.best", "val_accuracy.mean"}
    trial = experiment.trials.filter(state="completed").order_by("number").first()
    best = trial.epoch_figures["val_loss"]["best"]
    assert body["columns"]["val_loss.best"][trial.number] == float(f"{best:.7g}")
    few = client.get(asked, {"columns": "val_loss.last", "trials": "3,x,999"}).json()
    assert few["numbers"] == [3]


def test_the_first_rows_are_sorted_and_filtered_by_a_metric(client, viewer, experiment):
    client.force_login(viewer)
    query = {"metrics": "val_loss.best", "sort": "val_loss.best", "filter": "val_loss.best < 9"}
    html = client.get(address(experiment), query).content.decode()
    best = min(
        experiment.trials.all(),
        key=lambda trial: (trial.epoch_figures["val_loss"]["best"] or 9, trial.number),
    )
    assert html.index("<tr data-number=") == html.index(f'<tr data-number="{best.number}"')
    assert 'data-key="val_loss.best" aria-sort="ascending"' in html


def test_files_hold_what_is_on_screen_the_chosen_or_all(client, viewer, experiment):
    client.force_login(viewer)
    screen = {
        "filter": "state = completed",
        "brush": "units:..256",
        "hide": "time",
        "sort": "units",
    }
    rows = list(
        csv.DictReader(io.StringIO(download(client, experiment, "csv", **screen).decode()))
    )
    units = [int(row["units"]) for row in rows]
    assert units == sorted(units) and max(units) <= 256
    assert {row["State"] for row in rows} == {"completed"}
    assert "time" not in rows[0] and "spread" in rows[0]
    chosen = json.loads(download(client, experiment, "json", of="chosen", chosen="7,3,999"))
    assert sorted(row["number"] for row in chosen) == [3, 7]
    table = pq.read_table(io.BytesIO(download(client, experiment, "parquet", of="all")))
    assert table.num_rows == 30
    assert table["number"].to_pylist() == list(range(30))
    assert "val_loss.best" in table.column_names and "epochs" in table.column_names
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert {kinds[name] for name in ("layers", "units", "batch_size")} == {"int64"}
    assert {kinds[name] for name in ("dropout", "learning_rate")} == {"double"}
    scores = dict(experiment.trials.values_list("number", "score"))
    assert table["score"].to_pylist() == [scores[number] for number in range(30)]


def test_files_of_nothing_are_whole(client, viewer, project):
    experiment = make_experiment(project, trials=0)
    client.force_login(viewer)
    assert json.loads(download(client, experiment, "json")) == []
    assert pq.read_table(io.BytesIO(download(client, experiment, "parquet"))).num_rows == 0
    assert client.get(address(experiment, "download", "xlsx")).status_code == 404


def test_a_file_is_read_in_few_queries(client, viewer, experiment, django_assert_max_num_queries):
    client.force_login(viewer)
    with django_assert_max_num_queries(12):
        download(client, experiment, "csv", of="all")


def test_many_trials_are_acted_on_in_one_question(client, editor, experiment, queues):
    client.force_login(editor)
    experiment.trials.filter(number__in=[1, 2]).update(state="paused")
    act = address(experiment, "act")
    body = client.post(act, {"act": "stop", "numbers": "1,2,4"}).json()
    assert body["text"].startswith("Stopped 2 trials (1, 2)")
    assert "1 unchanged" in body["text"]
    again = client.post(act, {"act": "stop", "numbers": "1,2"})
    assert (again.status_code, again.json()["error"][:4]) == (409, "None")
    for wrong in ({"act": "burn", "numbers": "1"}, {"act": "stop", "numbers": "x"}, {}):
        assert client.post(act, wrong).status_code == 422
    many = ",".join(str(number) for number in range(501))
    assert client.post(act, {"act": "stop", "numbers": many}).status_code == 422


def test_a_view_is_saved_linked_and_deleted(client, editor, experiment):
    client.force_login(editor)
    query = "filter=units+%3E+200&brush=optimizer:=adam"
    answer = client.post(address(experiment, "save-view"), {"name": "Big <nets>", "query": query})
    assert answer["Location"] == f"{address(experiment)}?{query}"
    html = client.get(address(experiment)).content.decode()
    assert "Big &lt;nets&gt;" in html and "brush=optimizer:=adam" in html
    view = experiment.saved_views.get()
    rename = address(experiment, "rename-view", view.pk)
    answer = client.post(rename, {"name": " Wide  nets ", "query": query}, follow=True)
    assert "Renamed the view to “Wide nets”." in answer.content.decode()
    view.refresh_from_db()
    assert (view.name, view.query, view.owner) == ("Wide nets", query, editor)
    client.post(address(experiment, "save-view"), {"name": "Other", "query": ""})
    answer = client.post(rename, {"name": "Other", "query": query}, follow=True)
    assert "There is already a view “Other”. Choose another name." in answer.content.decode()
    assert client.post(rename, {"name": " "}, follow=True).status_code == 200
    experiment.saved_views.get(name="Other").delete()
    view.refresh_from_db()
    assert view.name == "Wide nets"
    answer = client.post(address(experiment, "delete-view", view.pk), follow=True)
    assert not experiment.saved_views.exists()
    undo = address(experiment, "restore-view", view.pk)
    assert f'action="{undo}"' in answer.content.decode()
    save_view(experiment, "Wide nets", "", by=editor)
    answer = client.post(undo, follow=True)
    assert "There is a new view “Wide nets”. Rename it first" in answer.content.decode()
    experiment.saved_views.get().delete()
    answer = client.post(undo, follow=True)
    assert "The view “Wide nets” was restored." in answer.content.decode()
    back = experiment.saved_views.get()
    assert (back.name, back.query, back.owner) == ("Wide nets", query, editor)
    assert client.post(undo).status_code == 404


def test_a_view_whose_columns_are_gone_stays_whole_and_says_what_it_left_out(
    client, viewer, experiment
):
    client.force_login(viewer)
    query = "?sort=-gone&brush=lost:1..2;units:..500&metrics=auc.best&open=999&chosen=7,999"
    html = client.get(address(experiment) + query).content.decode()
    assert "Unknown columns ignored: gone, lost, auc.best" in html
    assert html.count("<tr data-number=") > 10


@pytest.mark.parametrize("name", ["detail", "trials"])
def test_odd_names_choices_and_scores_stand_on_the_page(client, viewer, experiment, name):
    space = experiment.space_versions.get()
    choices = [f"choice {number}" for number in range(500)]
    space.space["hyperparameters"].append({"name": ODD, "type": "choice", "choices": choices})
    space.save()
    for trial, score in zip(experiment.trials.all()[:3], (None, 1e300, -1e-300), strict=True):
        values = trial.values | {ODD: f"{ODD}{trial.number}", "units": None}
        experiment.trials.filter(pk=trial.pk).update(values=values, score=score)
    client.force_login(viewer)
    html = client.get(address(experiment, name)).content.decode()
    assert "<b>" not in html and "שלום 😀" in html
    if name == "trials":
        text = download(client, experiment, "csv", of="all").decode()
        assert len(list(csv.reader(io.StringIO(text)))) == 31


def test_a_formula_in_a_csv_is_text(client, viewer, experiment):
    Experiment.objects.filter(pk=experiment.pk).update(best_trial=None)
    trial = experiment.trials.first()
    experiment.trials.filter(pk=trial.pk).update(values=trial.values | {"optimizer": "=1+1"})
    client.force_login(viewer)
    rows = csv.DictReader(io.StringIO(download(client, experiment, "csv", of="all").decode()))
    assert next(iter(rows))["optimizer"] == "'=1+1"


def test_thousands_are_grouped_before_and_after_the_page_follows(client, viewer, project):
    client.force_login(viewer)
    experiment = make_experiment(project, trials=1200, state="running", max_trials=2000)
    html = client.get(address(experiment)).content.decode()
    assert '<span data-head="total">1,200</span>' in html and 'data-head="settled">1,' in html
