"""Records a small site of version 0.1.0 as SQL, for `test_upgrade.py`: one of everything that a project has.

It was run at commit 4471ce6, the last one with the 28 migrations of 0.1.0, once on each database:
`DATABASE_URL=… python -m tests.upgrade.record`, on PostgreSQL 15 with its pg_dump and RECORDED_URL; REDIS_URL names a Redis. A later release records
the same way beside it.
"""

import gzip
import os
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

FOLDER = Path(__file__).parent


def record() -> None:
    """Migrate an empty database, fill it, and write what is in it."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    from experiments.models import Membership, Project, Role
    from tests.web.test_access import make_world

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="upgraded", name="Upgraded project")
    for name in ("owner", "editor", "viewer"):
        user = User.objects.create_user(name)
        Membership.objects.create(project=project, user=user, role=Role(name))
    make_world(project, User.objects.get(username="owner"))
    make_whole_plan(project)
    settings, vendor = connection.settings_dict, connection.vendor
    connection.close()
    if vendor == "sqlite":
        with sqlite3.connect(settings["NAME"]) as opened:
            text = "\n".join(opened.iterdump())
    else:
        options = ["--inserts", "--no-owner", "--no-privileges"]
        url = os.environ["RECORDED_URL"]
        command = ["pg_dump", *options, url]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        text = "\n".join(line for line in text.splitlines() if not line.startswith(("--", "\\")))
    (FOLDER / f"version_0_1_0.{vendor}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def make_whole_plan(project: Any) -> None:
    """A finished search, trained by a replay, whose plan gives a value to all that a plan may hold."""
    from experiments.evaluation.keep import Keep
    from experiments.services.experiments.lifecycle import create_experiment, start_experiment
    from experiments.training.fit import Fit, ReduceLROnPlateau
    from tests.searches import make_dataset, make_plan, make_seat, run_search

    plan = make_plan(
        make_dataset(project),
        repeats=2,
        max_seconds=7200,
        max_epochs=500,
        max_slot_seconds=36000,
        target_score=0.999,
        least_gain=0.01,
        max_failed_share=0.5,
        parallel=2,
    )
    fit = Fit(
        early_stopping_patience=4,
        early_stopping_min_delta=0.001,
        early_stopping_baseline=9.0,
        early_stopping_start_from_epoch=1,
        reduce_lr=ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=1e-6),
        on_nan="stop",
        class_weight=True,
        deterministic=True,
    )
    keep = Keep(models="best", models_best=2, logs="failed", days=90)
    plan = replace(
        plan, name="whole plan", notes="whole notes", pruner="median", score_rule="mean:2", fit=fit
    )
    plan = replace(plan, keep=keep, confirm=1, seed=7)
    experiment = create_experiment(project, plan, by=None)
    start_experiment(experiment, by=None)
    run_search(experiment, make_seat())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    django.setup()
    record()
