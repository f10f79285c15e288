"""A site of an earlier version is migrated with what is in it, and its pages read it."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from experiments.models import Dataset, Experiment, Project, Report
from experiments.search.history import Objective
from experiments.stack.first_run import prepare_database
from experiments.stack.progress import StartRefused
from experiments.web.views.health import database_state
from tests.faults.conftest import in_use, new_postgres_database

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
RECORDED = Path(__file__).parent


@pytest.fixture
def site_of_0_1_0(transactional_db, tmp_path, worker_id) -> Iterator[dict[str, Any]]:
    """Django's database is a copy of the recorded one; gives the tables of a new one beside it."""
    new = tables()
    vendor = connection.vendor
    packed = RECORDED / f"version_0_1_0.{vendor}.sql.gz"
    text = gzip.decompress(packed.read_bytes()).decode()
    sqlite = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    with in_use(
        new_postgres_database(f"upgraded_{worker_id}") if vendor == "postgresql" else sqlite
    ):
        with connection.cursor() as cursor:
            if vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys=OFF")
                cursor.connection.executescript(text)
            else:
                cursor.execute(text)
        connection.close()
        yield new


def tables() -> dict[str, Any]:
    """Columns and constraints of every table."""
    with connections["default"].cursor() as cursor:
        ask = connection.introspection
        return {
            table: (
                sorted(
                    (column.name, column.type_code, column.null_ok)
                    for column in ask.get_table_description(cursor, table)
                ),
                # SQLite numbers checks and foreign keys in the order of columns, which is free.
                sorted(
                    ("" if name.startswith(("__unnamed", "fk_")) else name, str(each))
                    for name, each in ask.get_constraints(cursor, table).items()
                ),
            )
            for table in ask.table_names(cursor)
        }


MOVED = (
    *("fit", "protocol", "sampler_options", "pruner_options", "more_objectives", "metrics"),
    *("score_rule", "expression", "seed", "silence_seconds"),
)


def moved_columns() -> dict[int, dict[str, Any]]:
    """The columns of every experiment that are values of its plan now."""
    with connections["default"].cursor() as cursor:
        listed = ", ".join(f"CAST({name} AS text)" for name in MOVED)
        cursor.execute(f"SELECT id, {listed} FROM experiments_experiment")
        return {
            pk: {
                name: text if name in ("score_rule", "expression") else json.loads(text)
                for name, text in zip(MOVED, texts, strict=True)
            }
            for pk, *texts in cursor.fetchall()
        }


def test_columns_move_into_the_plan_and_back(site_of_0_1_0, queues):
    """Also those that an edit changed and its plan didn't."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """UPDATE experiments_experiment SET sampler_options = '{"starts": 9}', seed = 2147483646,
            pruner_options = '{"levels": 2}', expression = 'log(val_loss)', score_rule = 'last',
            more_objectives = '[{"name": "parameters", "direction": "minimize"}]'"""
        )
        cursor.execute(
            "UPDATE experiments_experiment SET silence_seconds = 60 WHERE place = 'elsewhere'"
        )
    columns = moved_columns()
    assert {each["silence_seconds"] for each in columns.values()} == {60, 3600}
    prepare_database()
    for each in Experiment.objects.all():
        wanted = columns[each.pk]
        stored = {name: each.plan[name] for name in wanted if name in each.plan}
        assert wanted == stored | {"silence_seconds": each.silence_seconds}
        assert (each.sampler_options, each.seed) == ({"starts": 9}, 2147483646)
        assert each.further == (Objective("parameters", "minimize"),)
    call_command("migrate", "experiments", "0029", verbosity=0)
    assert moved_columns() == columns


def test_a_site_of_0_1_0_is_migrated_and_its_pages_read_it(site_of_0_1_0, queues):
    prepare_database()
    assert database_state() == "ok"
    assert tables() == site_of_0_1_0
    budget = Experiment.objects.get(name="mine search").budget
    assert budget.max_failures >= 1 and budget.max_trials >= 1
    project, experiment = Project.objects.get(), Experiment.objects.get(name="mine search")
    whole = [Experiment.objects.get(name="whole plan").code]
    dataset, report = Dataset.objects.get(name="mine set"), Report.objects.get()
    client = Client()
    client.force_login(User.objects.get(username="owner"))
    of_project, of_experiment = [project.slug], [experiment.code]
    for name, keys, words in (
        ("home", [], "Upgraded project"),
        ("projects:detail", of_project, "mine search"),
        ("history:list", of_project, "mine"),
        ("datasets:detail", [project.slug, dataset.pk], "mine set"),
        ("code:list", of_project, "mine code"),
        ("experiments:detail", of_experiment, "mine search"),
        ("experiments:trials", of_experiment, "mine view"),
        ("experiments:analysis", of_experiment, "mine search"),
        ("experiments:winner", of_experiment, "mine search"),
        ("experiments:protocol", of_experiment, "mine search"),
        ("experiments:findings", of_experiment, "mine finding"),
        ("experiments:files", of_experiment, "mine search"),
        ("experiments:edit", of_experiment, "mine notes"),
        ("experiments:detail", whole, "whole plan"),
        ("experiments:protocol", whole, "whole plan"),
        ("experiments:edit", whole, "whole notes"),
        ("experiments:clone", whole, "whole notes"),
        ("trials:detail", [*whole, 0], "whole plan"),
        ("trials:detail", [experiment.code, 0], "mine search"),
        ("reports:detail", [report.code], report.title),
    ):
        answer = client.get(reverse(name, args=keys))
        text = answer.content.decode()
        assert (answer.status_code, words in text) == (200, True), name
        assert "aria-invalid" not in text, name  # a form takes the plan that it shows
    history = client.get(reverse("chart_data:history", args=of_experiment)).json()
    assert history["trials"]["n"] == experiment.trials.count() == 3
    assert client.post(reverse("experiments:archive", args=of_experiment)).status_code == 302
    assert Experiment.objects.get(pk=experiment.pk).archived is not None


def test_a_database_from_before_0_1_0_is_refused(site_of_0_1_0):
    MigrationRecorder(connection).record_unapplied("experiments", "0028_chief_heartbeats")
    with pytest.raises(StartRefused, match="older than version"):
        prepare_database()
