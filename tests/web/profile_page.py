"""One page of a data folder, asked twice: the second time with a profile and its queries.

`DATA_DIR=./data python -m tests.web.profile_page /projects/` as the first administrator; `--user NAME` as another.
"""

import argparse
import cProfile
import os
import pstats

import django


def main() -> None:
    """Print functions by their time, and every query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--user", default="")
    parser.add_argument("--sort", default="cumulative")
    told = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    users = (
        User.objects.filter(username=told.user)
        if told.user
        else User.objects.filter(is_superuser=True)
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(users.earliest("pk"))
    client.get(told.address)  # fills caches, and loads views and templates
    with cProfile.Profile() as profile, CaptureQueriesContext(connection) as asked:
        answer = client.get(told.address)
    pstats.Stats(profile).sort_stats(told.sort).print_stats(30)
    for query in asked.captured_queries:
        print(f"{query['time']} s  {query['sql'][:300]}")
    print(f"status {answer.status_code}, {len(asked)} queries")


if __name__ == "__main__":
    main()
