"""A program: fills the database of its environment, and prints what the tests need to know of it.

`python -m tests.stack.open_pages.filled`
"""

import json
import os
import sys

import django

SESSIONS = 6  # of the person who looks on


def session_of(user):
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "tuning_site.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from experiments.models import Membership, Project
    from experiments.stack.first_run import prepare_static_files
    from tests.examples import make_experiment

    call_command("migrate", verbosity=0)
    prepare_static_files()
    people = {name: User.objects.create_user(name) for name in ("looker", "leaver", "stranger")}
    project = Project.objects.create(slug="vision-team", name="Vision team")
    for name in ("looker", "leaver"):
        Membership.objects.create(project=project, user=people[name], role="viewer")
    experiment = make_experiment(project, trials=5, running=1, state="running", max_trials=20)
    told = {
        "code": str(experiment.code),
        "sessions": [session_of(people["looker"]) for _ in range(SESSIONS)],
        "leaver": session_of(people["leaver"]),
        "leaver_pk": people["leaver"].pk,
        "stranger": session_of(people["stranger"]),
        "trial": experiment.trials.get(state="running").pk,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
