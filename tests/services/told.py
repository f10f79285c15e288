"""Everything that the product tells anybody: every address, the admin, every file, every record."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import reverse

from tests.web.doors import DOORS

SIGNIFICANT = 9  # digits of a number that are looked for: so many agree by no accident
ZIPS = (".zip", ".keras", ".npz")

Told = dict[str, bytes]


def answers(client: Client, ids: Mapping[str, Any]) -> Told:
    """What each address that can be opened with these identifiers answers."""
    told = {}
    for name, door in DOORS.items():
        if door.method == "get" and all(each in ids for each in door.takes):
            answer = client.get(reverse(name, args=[ids[each] for each in door.takes]))
            told[name] = b"".join(answer) if answer.streaming else answer.content
    return told


def admin_pages(client: Client) -> Told:
    """The list of every kind of record, and the page of each."""
    told = {}
    for model in apps.get_app_config("experiments").get_models():
        name = f"admin:experiments_{model._meta.model_name}"
        told[name] = client.get(reverse(f"{name}_changelist")).content
        for pk in model._default_manager.values_list("pk", flat=True)[:5]:
            told[f"{name} {pk}"] = client.get(reverse(f"{name}_change", args=[pk])).content
    return told


def files(folder: Path) -> Told:
    """Every file below a folder; what is a zip is opened, also inside of another."""
    told = {}
    for path in folder.rglob("*"):
        if path.is_file():
            told |= dict(_opened(path.relative_to(folder).as_posix(), path.read_bytes()))
    return told


def _opened(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if not name.endswith(ZIPS):
        yield name, content
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for each in archive.namelist():
            yield from _opened(f"{name}/{each}", archive.read(each))


def records() -> Told:
    """Every row of every record as JSON."""
    models = apps.get_app_config("experiments").get_models()
    return {
        model._meta.model_name: serializers.serialize(
            "json", model._default_manager.all()
        ).encode()
        for model in models
    }


def holding(told: Told, numbers: list[float]) -> list[str]:
    """Where one of the numbers stands, to its first digits; whole and short ones are left out."""
    digits = [repr(number)[: SIGNIFICANT + 2].encode() for number in numbers]
    long = [each for each in digits if len(each) == SIGNIFICANT + 2]
    assert long, "there must be something to look for"
    return sorted(name for name, text in told.items() if any(each in text for each in long))
