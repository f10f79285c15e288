"""Records a small site of version 0.1.0 as SQL, for `test_upgrade.py`: one of everything that a project has.

It was run at commit 4471ce6, the last one with the 28 migrations of 0.1.0, once on each database:
`DATABASE_URL=… python -m tests.upgrade.record`, on PostgreSQL 15 with its pg_dump and RECORDED_URL. A later release records
the same way beside it.
"""

import gzip
import os
import sqlite3
import subprocess
from pathlib import Path

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


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    django.setup()
    record()
