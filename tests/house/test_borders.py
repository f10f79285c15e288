"""The borders hold at run time too: rooms import in a Python that lacks what they must not use."""

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_TENSORFLOW = ("tensorflow", "keras", "keras_tuner", "tensorboard")
WITHOUT_DJANGO = ("django", "django_rq", "rq", "psycopg2", "redis")
SETUP = "import django; django.setup()\n"


def run(code: str, missing: tuple[str, ...]) -> None:
    """Run code where importing any of `missing` fails."""
    absent = "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in missing)
    finished = subprocess.run(
        [sys.executable, "-c", absent + code],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tuning_site.settings",
            "SECRET_KEY": "only-for-tests",
            "DATABASE_URL": "sqlite://:memory:",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


def test_they_import_without_tensorflow():
    modules = [
        "tuning_site.urls",
        "tuning_site.wsgi",
        "experiments.jobs",
        "experiments.tuner.worker",
        "experiments.tuner.housekeeping",
        "experiments.stack.serving",
        "experiments.training.pool",
        "experiments.plan",
    ]
    run(SETUP + imports_of(modules), WITHOUT_TENSORFLOW)


def every_module(room: str) -> list[str]:
    path = ROOT / "experiments" / room
    files = [path.with_suffix(".py")] if path.with_suffix(".py").exists() else path.rglob("*.py")
    return sorted(
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
    )


def imports_of(modules: Iterable[str]) -> str:
    return "".join(f"import {module}\n" for module in modules)


def test_the_kernel_imports_without_django_and_without_tensorflow():
    kernel = ("search", "evaluation", "data_schema", "catalog", "interop", "plan")
    rooms = {room: every_module(room) for room in (*kernel, "training/messages")}
    assert all(rooms.values())
    run(imports_of(chain(*rooms.values())), WITHOUT_DJANGO + WITHOUT_TENSORFLOW)


@pytest.mark.training
def test_the_training_child_imports_without_django():
    run(imports_of(every_module("training/child")), WITHOUT_DJANGO)


def test_the_walk_finds_what_it_forbids():
    with pytest.raises(AssertionError, match="ModuleNotFoundError"):
        run("import tensorflow", WITHOUT_TENSORFLOW)
