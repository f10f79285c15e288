"""F18 and F19 of the fault matrix: the database is away for a moment while a trial runs."""

import sqlite3
import time
from dataclasses import replace

import pytest
from django.db import OperationalError, connection

from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.site.invariants import broken_invariants
from tests.examples import replan
from tests.searches import make_experiment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.both_databases]

LOCKED_SECONDS = 2.0


def test_f18_f19_a_database_that_is_away_for_a_moment_loses_nothing(house, project):
    experiment = make_experiment(project, epochs=1500, max_trials=2)
    replan(experiment, fit=replace(experiment.fit, early_stopping_patience=None))
    start_experiment(experiment, by=None)
    house.start_all()
    house.wait(
        "a trial reports epochs", lambda: Trial.objects.filter(epochs__gt=0).exists(), seconds=60
    )
    if connection.vendor == "sqlite":
        lock_the_file(house)
    else:
        end_every_connection()
    house.wait(
        "the search completes",
        lambda: Experiment.objects.get(purpose="search").state == Experiment.State.COMPLETED,
        seconds=90,
    )
    assert Trial.objects.filter(state=Trial.State.COMPLETED).count() == 2
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["completed"] * 2
    assert broken_invariants() == {}


def lock_the_file(house):
    other = sqlite3.connect(house.data_dir / "db.sqlite3", isolation_level=None, timeout=20)
    other.execute("BEGIN EXCLUSIVE")
    time.sleep(LOCKED_SECONDS)
    other.execute("ROLLBACK")
    other.close()


def end_every_connection():
    """Each half second for three seconds; this process's own connection stays."""
    for _ in range(6):
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        except OperationalError:
            connection.close()
        time.sleep(0.5)
