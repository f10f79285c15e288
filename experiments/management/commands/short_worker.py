"""`manage.py short_worker`: runs background jobs such as uploads and bundles."""

from typing import Any

from django.core.management.base import BaseCommand

from experiments.tuner.worker import work_on_short_jobs


class Command(BaseCommand):
    """Run until SIGTERM."""

    help = "Run background jobs: uploads, model bundles and imports."

    def handle(self, *args: Any, **options: Any) -> None:
        work_on_short_jobs()
