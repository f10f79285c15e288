"""The pages of data sets: who may see and do what, and how bad files are told."""

import io
import zipfile

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from experiments.models import Dataset, DatasetVersion, Project
from experiments.services.built_in_data import load_built_in
from experiments.services.data_preparation import prepare

pytestmark = pytest.mark.django_db
State = DatasetVersion.State
ROWS = "".join(
    f"{i},{i * 1.5 % 7},{'red' if i % 3 else 'blue'},{'yes' if i % 2 else 'no'}\n"
    for i in range(40)
)
LARGE = b"a,b,c\n" + b"1,2,some words that fill the file up to a megabyte\n" * 29_000
CSV = ("id,size,colour,bought\n" + ROWS).encode()


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("experiments.queues.enqueue_short", lambda _, pk: asked.append(pk))
    return asked


def address(name: str, project, *args) -> str:
    return reverse(f"datasets:{name}", args=[project.slug, *args])


def send(client, project, content: bytes = CSV, file_name: str = "shop.csv", **fields):
    file = SimpleUploadedFile(file_name, content)
    return client.post(address("new", project), {"file": file, **fields})


def uploaded(client, project, content: bytes = CSV, file_name: str = "shop.csv", **fields):
    response = send(client, project, content, file_name, **fields)
    assert response.status_code == 302, response.content.decode()[:3000]
    version = DatasetVersion.objects.latest("pk")
    prepare(version.pk)
    version.refresh_from_db()
    return version


def of(version: DatasetVersion, name: str, project, *more) -> str:
    return address(name, project, version.dataset_id, version.number, *more)


def test_a_csv_goes_from_upload_to_ready_in_the_browser(client, project, editor, data_dir):
    client.force_login(editor)
    version = uploaded(client, project)
    assert version.dataset.name == "shop"
    page = client.get(of(version, "target", project)).content.decode()
    assert "What should be learnt?" in page
    assert "row id" in page  # the id column is proposed to be left out
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
    assert "looks like a row id" in page
    assert "style=" not in page


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


@pytest.mark.parametrize("pk", [0, 2**31, 2**63 - 1, 2**63, 10**30])
def test_ids_that_are_none_answer_404(client, project, editor, pk):
    client.force_login(editor)
    assert client.get(address("detail", project, pk)).status_code == 404
    iris = load_built_in("iris")
    assert client.get(address("version", project, iris.dataset_id, pk)).status_code == 404


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def npz(**arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


BAD = {
    "empty": ("a.csv", b"", "The file is empty"),
    "kind": ("a.exe", b"MZ", "Files of this kind are not taken"),
    "keras": ("a.keras", zipped({"config.json": b"{}"}), "Files of this kind are not taken"),
    "no header": ("a.csv", ROWS.encode(), "looks like data"),
    "latin-1": ("a.csv", "a,b\nMünchen,1\n".encode("latin-1"), "Line 2 is not UTF-8"),
    "nul": ("a.csv", b"a,b\n1,\0\n", "Line 2 holds a NUL byte"),
    "one column": ("a.csv", b"a\n1\n2\n", "Only one column was found"),
    "only header": ("a.csv", b"a,b\n", "a header but no rows"),
    "ragged": ("a.csv", CSV + b"1,2\n", "Line 42 has 2 cells, the first line has 4"),
    "open quote": ("a.csv", CSV + b'1,2,"red,yes\n', "opened and never closed"),
    "duplicate": ("a.csv", b"a,a\n1,2\n", "Two columns are named a"),
    "columns": ("a.csv", b"a," * 200_000 + b"b\n", "200,001 columns"),
    "traversal": ("a.zip", zipped({"../a.png": b"x"}), "leads out of the zip"),
    "bomb": ("a.zip", zipped({"a/a.png": bytes(30_000_000)}), "zip bomb"),
    "no zip": ("a.zip", b"hello", "no zip file"),
    "pickle": ("a.npz", npz(x=np.array([{}], dtype=object), y=np.zeros(1)), "Python objects"),
    "raw pickle": ("a.npz", b"\x80\x04\x95", "no NPZ file"),
    "no parquet": ("a.parquet", b"PAR1 and more text", "no Parquet file"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_at_the_field_and_nothing_is_stored(
    client, project, editor, case, data_dir
):
    name, content, told = BAD[case]
    client.force_login(editor)
    response = send(client, project, content, name, name="Kept name", description="kept words")
    page = response.content.decode()
    assert response.status_code == 422
    assert told in page.replace("&#x27;", "'")
    assert "Kept name" in page
    assert "kept words" in page
    assert not Dataset.objects.exists()
    response.close()
    assert [p for p in (data_dir / "uploads").rglob("*") if p.is_file()] == []


def test_a_file_without_header_is_taken_when_the_box_is_ticked(client, project, editor):
    client.force_login(editor)
    version = uploaded(client, project, ROWS.encode(), no_header="on")
    names = [one["name"] for one in version.profile["inspection"]["columns"]]
    assert names == ["column_1", "column_2", "column_3", "column_4"]


def test_two_files_are_refused(client, project, editor):
    client.force_login(editor)
    files = [SimpleUploadedFile("a.csv", CSV), SimpleUploadedFile("b.csv", CSV)]
    response = client.post(address("new", project), {"file": files})
    assert response.status_code == 422
    assert "Choose one file" in response.content.decode()


def test_no_file_is_told(client, project, editor):
    client.force_login(editor)
    response = client.post(address("new", project), {"name": "x"})
    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()


def test_two_gigabytes_are_refused_unread(client, project, editor):
    client.force_login(editor)
    response = client.post(
        address("new", project), b"x", content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(2 * 1024**3),
    )  # fmt: skip
    assert response.status_code == 413
    assert "2,048 MB; at most 512 MB are taken" in response.content.decode()


def test_a_large_body_is_refused_where_nothing_is_uploaded(client, project):
    response = client.post("/sign-in/", b"x", content_type="text/plain", CONTENT_LENGTH="20000000")
    assert response.status_code == 413


def test_an_upload_that_breaks_off_stores_nothing(client, project, editor, data_dir):
    client.force_login(editor)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        + LARGE[: len(LARGE) // 2]
    )
    response = client.post(
        address("new", project), body, content_type="multipart/form-data; boundary=b"
    )
    assert response.status_code == 422
    assert "No whole file arrived" in response.content.decode()
    assert not Dataset.objects.exists()


def test_targets_that_can_not_be_learnt_are_told_at_the_field(client, project, editor):
    client.force_login(editor)
    one_class = b"a,b\n" + b"".join(b"%d,yes\n" % i for i in range(20))
    version = uploaded(client, project, one_class)
    response = client.post(
        of(version, "target", project),
        {"target": "b", "task": "classification", "use-0": "number"},
    )
    assert response.status_code == 422
    assert "holds one value only" in response.content.decode()
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
    assert "Choose what column size is used as" in page
    assert "line 14: “abc”" in page
    assert client.post(where, {**posted, "use-0": "number"}).status_code == 302
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.READY


def picture(value: int, size=(12, 10), mode="RGB", kind="PNG") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, value if mode == "L" else (value, 0, 255 - value)).save(stream, kind)
    return stream.getvalue()


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
    assert "Upload a mended file" in page
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
        line.name for line in client.get(address("list", project)).context["own"]
    ]
    assert "Corner shop" in client.get(address("list", project) + "?archived=1").content.decode()
    client.post(address("restore", project, pk))
    assert [line.name for line in client.get(address("list", project)).context["own"]] == [
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
