import pytest
from django.db import OperationalError, connection

from experiments.tuner.database_retry import DatabaseRetry, LeaseLost
from tests.clock import Clock

pytestmark = pytest.mark.both_databases


class Away:
    """A database that fails the first `times` questions."""

    def __init__(self, times):
        self.times = times
        self.asked = 0

    def __call__(self):
        self.asked += 1
        if self.asked <= self.times:
            raise OperationalError("gone")
        return self.asked


@pytest.fixture(autouse=True)
def keep_the_connection(monkeypatch, db):
    """The test's own transaction must survive."""
    monkeypatch.setattr(connection, "close", lambda: None)


def test_a_cut_connection_is_replaced_at_once(monkeypatch):
    waits = []
    monkeypatch.setattr("experiments.tuner.database_retry.time.sleep", waits.append)
    assert DatabaseRetry().until_done(Away(1)) == 2
    assert waits == []


def test_writes_are_repeated_until_the_database_is_back(monkeypatch):
    monkeypatch.setattr("experiments.tuner.database_retry.RETRY_SECONDS", 0.01)
    assert DatabaseRetry().until_done(Away(7)) == 8


def test_the_lease_ends_the_patience_before_the_reaper_may_act(settings, monkeypatch):
    clock = Clock()
    monkeypatch.setattr("experiments.tuner.database_retry.time", clock)
    settings.LEASE_SECONDS = 10.0
    away = Away(10**6)
    with pytest.raises(LeaseLost):
        DatabaseRetry().until_done(away)
    assert 9.0 < clock.now < 10.0
    assert away.asked > 30


def test_only_an_answer_counts_as_renewal():
    patience = DatabaseRetry()
    before = patience.renewed
    assert not patience.once(Away(9))
    assert patience.renewed == before
    assert patience.once(Away(0))
    assert patience.renewed > before
