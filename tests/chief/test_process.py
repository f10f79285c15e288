"""How the chief's process is set up."""

import pytest
from django.db import connections

from experiments.chief.process import KEPT_SECONDS, keep_connections


@pytest.mark.parametrize(
    ("before", "after"),
    [(0, KEPT_SECONDS), (KEPT_SECONDS + 1, KEPT_SECONDS + 1), (None, None)],
)
def test_connections_are_kept_as_long_as_the_settings_say_and_a_while_at_least(
    monkeypatch, before, after
):
    settings = connections.settings["default"]
    monkeypatch.setitem(settings, "CONN_MAX_AGE", before)
    keep_connections()
    assert settings["CONN_MAX_AGE"] == after
