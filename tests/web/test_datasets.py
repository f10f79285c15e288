"""The pages of datasets: who may see and do what, and how bad files are told."""

import numpy as np
import pytest

from experiments.models import Dataset, DatasetVersion, Project
from experiments.services.datasets.built_in import load_built_in
from experiments.services.datasets.preparation import prepare
from tests.uploads import CSV, LARGE, address, npz, of, picture, send, uploaded, zipped

pytestmark = pytest.mark.django_db
State = DatasetVersion.State


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("experiments.queues.enqueue_short", lambda _, pk: asked.append(pk))
    return asked


def test_a_csv_goes_from_upload_to_ready_in_the_browser(client, project, editor, data_dir):
    client.force_login(editor)
    version = uploaded(client, project)
    assert version.dataset.name == "shop"
    page = client.get(of(version, "target", project)).content.decode()
    assert "Choose the target" in page
    assert "ID column" in page  # the id column is proposed to be left out
    response = client.post(
        of(version, "target", project),
        {"target": "bought", "task": "classification", "use-0": "skip", "use-1": "number",
         "use-2": "category"},
    )  # fmt: skip
    assert response.status_code == 302
    prepare(version.pk)
    page = client.get(address("detail", project, version.dataset_id)).content.decode()
    version.refresh_from_db()
    assert version.state == State.READY
    assert version.digest[:16] in page
    assert "1 number, 1 category columns" in page
    assert "looks like an ID column" in page
    assert "style=" not in page


def test_a_column_is_learnt_too_and_shown_as_a_target(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project)
    where = of(version, "target", project)
    assert "target: classification" in client.get(where).content.decode()
    sent = {"target": "bought", "task": "classification", "use-0": "skip", "use-1": "number"}
    wrong = client.post(where, sent | {"use-1": "learn_class", "use-2": "learn_class"})
    assert "No input column is left" in wrong.content.decode()
    assert client.post(where, sent | {"use-2": "learn_class"}).status_code == 302
    prepare(version.pk)
    version.refresh_from_db()
    assert (version.state, version.target) == (State.READY, "bought, colour")
    page = client.get(address("detail", project, version.dataset_id)).content.decode()
    assert "Further target: colour" in page and "2 classes and 1 more" in page
    form = client.get(f"/projects/{project.slug}/experiments/new/?data={version.pk}")
    assert form.context["page"].setting.model == "multi-task"
    offered = {value for value, _ in form.context["page"].fields["objective"].choices}
    assert {"val_bought_accuracy", "val_colour_f1", "val_loss"} <= offered
    refused = {card.name: card.refusal for card in form.context["page"].unfit}
    assert "has one target; this data has 2" in refused["Table MLP"]


def test_an_empty_column_is_left_out_and_refused_at_its_field(client, project, editor):
    client.force_login(editor)
    lines = CSV.decode().splitlines()
    text = "\n".join([lines[0] + ",void", *(f"{line},NaN" for line in lines[1:])])
    version = uploaded(client, project, text.encode())
    page = client.get(of(version, "target", project))
    row = {each.facts.name: each for each in page.context["form"].rows()}["void"]
    assert (row.use, row.options) == ("skip", [("skip", "not used")])
    uses = {"use-0": "skip", "use-1": "number", "use-2": "category", "use-4": "number"}
    sent = {"target": "bought", "task": "classification"} | uses
    refused = client.post(of(version, "target", project), sent)
    assert refused.status_code == 422
    assert "Column void is empty." in refused.content.decode()


@pytest.mark.parametrize("person", ["owner", "editor", "viewer", "stranger", None])
def test_each_person_sees_and_does_what_their_role_allows(client, project, person, request):
    if person:
        client.force_login(request.getfixturevalue(person))
    seen = {None: 302, "stranger": 404}.get(person, 200)
    write = {None: 302, "stranger": 404, "viewer": 403}.get(person, 200)
    iris = load_built_in("iris")
    assert client.get(address("list", project)).status_code == seen
    assert client.get(address("detail", project, iris.dataset_id)).status_code == seen
    assert client.get(of(iris, "state", project)).status_code == seen
    assert client.get(address("new", project)).status_code == write
    sent = send(client, project).status_code
    assert sent == (302 if write in (200, 302) else write)
    assert DatasetVersion.objects.exclude(pk=iris.pk).count() == (write == 200)


def test_a_set_of_another_project_is_not_there(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project)
    other = Project.objects.create(slug="other", name="Other")
    other.memberships.create(user=editor, role="owner")
    for name in ("detail", "edit", "new-version"):
        assert client.get(address(name, other, version.dataset_id)).status_code == 404
    assert client.post(address("archive", other, version.dataset_id)).status_code == 404
    assert client.get(of(version, "target", other)).status_code == 404
    assert version.dataset.name not in client.get(address("list", other)).content.decode()


def test_nobody_changes_a_built_in_set(client, project, owner):
    client.force_login(owner)
    iris = load_built_in("iris")
    assert client.get(address("edit", project, iris.dataset_id)).status_code == 404
    assert client.post(address("archive", project, iris.dataset_id)).status_code == 404
    assert client.get(address("new-version", project, iris.dataset_id)).status_code == 404


def test_a_built_in_set_is_chosen_by_its_name(client, project, editor, viewer, jobs, monkeypatch):
    client.force_login(editor)
    offered = client.get(address("list", project))
    assert len(offered.context["offers"]) == 13
    for words in ("CIFAR-100", "170 MB download", "Free for research only", "no download"):
        assert words in offered.content.decode()
    where = address("built-in", project, "wine")
    assert client.get(where).status_code == 405
    assert client.post(address("built-in", project, "winery")).status_code == 404
    detail = client.post(where).headers["Location"]
    version = DatasetVersion.objects.get()
    assert jobs == [version.pk]
    assert "Looking for the files" in client.get(detail).content.decode()
    version.profile["progress"] = {"file": "wine.csv", "done": 1_000_000, "total": 4_000_000}
    version.save()
    answer = client.get(of(version, "state", project)).json()
    assert (answer["progress"], answer["share"]) == ("Downloading wine.csv: 1.0 of 4.0 MB", 0.25)
    prepare(version.pk)
    page = client.get(detail).content.decode()
    assert "CC BY 4.0" in page and "archive.ics.uci.edu/dataset/109/wine" in page
    listed = client.get(address("list", project))
    assert [line.dataset.name for line in listed.context["built_in"]] == ["Wine"]
    assert "wine" not in {offer.key for offer in listed.context["offers"]}
    client.force_login(viewer)
    assert client.post(where).status_code == 403


def test_a_built_in_set_that_failed_offers_another_try(client, project, editor):
    client.force_login(editor)
    dataset = Dataset.objects.create(slug="imdb", name="IMDB reviews", built_in="imdb")
    DatasetVersion.objects.create(
        dataset=dataset, number=1, state="failed", error="No network. Put the file at /data."
    )
    page = client.get(address("detail", project, dataset.pk)).content.decode()
    assert "IMDB reviews can&#x27;t be prepared." in page or "can't be prepared" in page
    assert "Put the file at /data." in page
    assert address("built-in", project, "imdb") in page


@pytest.mark.parametrize("pk", [0, 2**31, 2**63 - 1, 2**63, 10**30])
def test_ids_that_are_none_answer_404(client, project, editor, pk):
    client.force_login(editor)
    assert client.get(address("detail", project, pk)).status_code == 404
    iris = load_built_in("iris")
    assert client.get(address("version", project, iris.dataset_id, pk)).status_code == 404


def test_targets_that_can_not_be_learnt_are_told_at_the_field(client, project, editor):
    client.force_login(editor)
    one_class = b"a,b\n" + b"".join(b"%d,yes\n" % i for i in range(20))
    version = uploaded(client, project, one_class)
    response = client.post(
        of(version, "target", project),
        {"target": "b", "task": "classification", "use-0": "number"},
    )
    assert response.status_code == 422
    assert "has a single value" in response.content.decode()
    version.refresh_from_db()
    assert version.state == State.UPLOADED


def test_text_in_a_number_column_asks_with_line_and_cell(client, project, editor):
    client.force_login(editor)
    rows = [f"{i},{i % 2}" for i in range(30)]
    rows[12] = "abc,1"
    version = uploaded(client, project, ("size,label\n" + "\n".join(rows) + "\n").encode())
    where = of(version, "target", project)
    posted = {"target": "label", "task": "classification", "use-0": ""}
    response = client.post(where, posted)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Choose a use for column size" in page
    assert "line 14: “abc”" in page
    assert client.post(where, {**posted, "use-0": "number"}).status_code == 302
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.READY


def test_a_zip_of_images_shows_pictures_only_to_members(client, project, editor, stranger):
    client.force_login(editor)
    files = {
        f"pets/{c}/{i}.png": picture(i * 9 + len(c)) for c in ("cat", "mouse") for i in range(9)
    }
    version = uploaded(client, project, zipped(files), "pets.zip")
    where = of(version, "target", project)
    assert "12 × 10" in client.get(where).content.decode()
    bad = client.post(where, {"width": "0", "height": "99999", "grey": "false"})
    assert bad.status_code == 422
    assert client.post(where, {"width": 12, "height": 10, "grey": "false"}).status_code == 302
    prepare(version.pk)
    version.refresh_from_db()
    assert (version.state, version.schema["shape"]) == (State.READY, [10, 12, 3])
    shown = of(version, "picture", project, 0)
    assert shown in client.get(address("detail", project, version.dataset_id)).content.decode()
    assert client.get(shown).content[:4] == b"\x89PNG"
    assert client.get(of(version, "picture", project, 21)).status_code == 404
    client.force_login(stranger)
    assert client.get(shown).status_code == 404


def test_arrays_of_unequal_length_are_told_before_anything_is_made(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project, npz(x=np.zeros((20, 3)), y=np.arange(19)), "a.npz")
    posted = {"x": "x", "y": "y", "task": "classification", "x_test": "", "y_test": ""}
    response = client.post(of(version, "target", project), posted)
    assert response.status_code == 422
    assert "x has 20 rows, y has 19" in response.content.decode()


def test_a_failed_version_says_why_and_offers_another_try(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project, LARGE + b"1,2\n")
    page = client.get(address("detail", project, version.dataset_id)).content.decode()
    assert "Line 29,002 has 2 cells" in page
    assert "Upload a fixed file" in page
    assert client.post(of(version, "discard", project)).status_code == 302
    assert not Dataset.objects.exists()


def test_names_of_files_and_sets_are_shown_as_text(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project, file_name="../../<b>x.csv")
    page = client.get(address("detail", project, version.dataset_id)).content.decode()
    assert "<b>x" not in page
    assert version.source_name == "<b>x.csv"


def test_archive_restore_and_edit(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project, file_name="shop.csv")
    pk = version.dataset_id
    posted = {"name": "Corner shop", "description": "", "licence": "CC0"}
    assert client.post(address("edit", project, pk), posted).status_code == 302
    assert client.post(address("edit", project, pk), {"name": ""}).status_code == 422
    client.post(address("archive", project, pk))
    assert "Corner shop" not in [
        line.dataset.name for line in client.get(address("list", project)).context["own"]
    ]
    assert "Corner shop" in client.get(address("list", project) + "?archived=1").content.decode()
    client.post(address("restore", project, pk))
    assert [line.dataset.name for line in client.get(address("list", project)).context["own"]] == [
        "Corner shop"
    ]


def test_the_list_asks_the_same_number_of_questions_for_more_sets(
    client, project, editor, django_assert_max_num_queries
):
    client.force_login(editor)
    for count in (1, 6):
        for _ in range(count):
            uploaded(client, project)
        with django_assert_max_num_queries(14):
            client.get(address("list", project))
