"""Bad and odd uploads: told at the field with a 4xx, and nothing is stored."""

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Dataset
from tests.uploads import CSV, LARGE, ROWS, address, npz, send, uploaded, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("experiments.queues.enqueue_short", lambda _, pk: asked.append(pk))
    return asked


BAD = {
    "empty": ("a.csv", b"", "The file is empty"),
    "kind": ("a.exe", b"MZ", "Unsupported file type"),
    "keras": ("a.keras", zipped({"config.json": b"{}"}), "Unsupported file type"),
    "no header": ("a.csv", ROWS.encode(), "looks like data"),
    "latin-1": ("a.csv", "a,b\nMünchen,1\n".encode("latin-1"), "Line 2 isn't UTF-8"),
    "nul": ("a.csv", b"a,b\n1,\0\n", "Line 2 contains a NUL byte"),
    "one column": ("a.csv", b"a\n1\n2\n", "Found only one column"),
    "only header": ("a.csv", b"a,b\n", "a header but no rows"),
    "ragged": ("a.csv", CSV + b"1,2\n", "Line 42 has 2 cells, but the first line has 4"),
    "open quote": ("a.csv", CSV + b'1,2,"red,yes\n', "never closed"),
    "duplicate": ("a.csv", b"a,a\n1,2\n", "Two columns are named a"),
    "columns": ("a.csv", b"a," * 200_000 + b"b\n", "200,001 columns"),
    "traversal": ("a.zip", zipped({"../a.png": b"x"}), "has a path outside the zip"),
    "bomb": ("a.zip", zipped({"a/a.png": bytes(30_000_000)}), "zip bomb"),
    "no zip": ("a.zip", b"hello", "a zip file"),
    "pickle": ("a.npz", npz(x=np.array([{}], dtype=object), y=np.zeros(1)), "Python objects"),
    "raw pickle": ("a.npz", b"\x80\x04\x95", "n NPZ file"),
    "no parquet": ("a.parquet", b"PAR1 and more text", "Not a Parquet file"),
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
    assert "2,048 MB; at most 512 MB are allowed" in response.content.decode()


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
    assert "The upload is incomplete" in response.content.decode()
    assert not Dataset.objects.exists()
