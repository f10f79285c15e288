"""What `reproduce.py` of a bundle says at its end."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def program():
    from django.conf import settings

    path = settings.BASE_DIR / "templates" / "bundle" / "reproduce.py"
    spec = importlib.util.spec_from_file_location("reproduce", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_value_stands_beside_the_stored_one(program):
    lines = program.beside({"val_loss": 0.5, "loss": 0.25}, {"loss": 0.25, "val_loss": 0.25})
    assert lines == [
        "loss: 0.25, stored 0.25, difference 0",
        "val_loss: 0.5, stored 0.25, difference 0.25",
    ]


def test_a_value_that_was_not_stored_stands_alone(program):
    assert program.beside({"val_loss": 0.5}, {"val_loss": None}) == ["val_loss: 0.5"]
