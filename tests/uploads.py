"""Files that tests upload, and how they send them through the browser's form."""

import io
import zipfile

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from experiments.models import DatasetVersion
from experiments.services.datasets.preparation import prepare

ROWS = "".join(
    f"{i},{i * 1.5 % 7},{'red' if i % 3 else 'blue'},{'yes' if i % 2 else 'no'}\n"
    for i in range(40)
)
LARGE = b"a,b,c\n" + b"1,2,some words that fill the file up to a megabyte\n" * 29_000
CSV = ("id,size,colour,bought\n" + ROWS).encode()


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


def picture(value: int, size=(12, 10), mode="RGB", kind="PNG") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, value if mode == "L" else (value, 0, 255 - value)).save(stream, kind)
    return stream.getvalue()
